"""A lab with token and XSRF on, whose service, RSP token and Butler the tests break and mend while it runs."""

from __future__ import annotations

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # Jupyter gives it

c.ServerApp.port = int(os.environ["UI_LAB_PORT"])
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.ServerApp.jpserver_extensions = {"jupyterlab": True, "rsp_epo_export.lab": True}
c.IdentityProvider.token = os.environ["UI_LAB_TOKEN"]
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LanguageServerManager.autodetect = False
c.EpoExportExtension.butler_command = [os.environ["UI_BUTLER_PYTHON"]]
c.EpoExportExtension.service_url = os.environ["UI_SERVICE"]
c.EpoExportExtension.service_timeout = 5.0
c.EpoExportExtension.token_file = os.environ["UI_TOKEN_FILE"]
