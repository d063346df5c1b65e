"""The Butler bridge: ``python -m rsp_epo_export.bridge [REPOSITORY]``. The protocol is docs/bridge.md."""
