"""The lab that Galata drives: no token, no XSRF check, for tests alone. Its service and repository are the demo's."""

from __future__ import annotations

import os

from jupyterlab.galata import configure_jupyter_server

c = get_config()  # type: ignore[name-defined]  # noqa: F821  # Jupyter gives it
configure_jupyter_server(c)

c.ServerApp.port = int(os.environ["UI_LAB_PORT"])
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.allow_root = True
c.ServerApp.jpserver_extensions = {"jupyterlab": True, "rsp_epo_export.lab": True}
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LanguageServerManager.autodetect = False
c.EpoExportExtension.butler_command = [os.environ["UI_BUTLER_PYTHON"]]
c.EpoExportExtension.service_url = os.environ["UI_SERVICE"]
c.EpoExportExtension.token_file = os.environ["UI_TOKEN_FILE"]
