"""The parts of `rsp_epo_export.butler_reads`, which is the module to import."""
