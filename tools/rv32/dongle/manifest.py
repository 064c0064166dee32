# ruff: noqa: F821
include("$(MPY_DIR)/extmod/asyncio")
freeze("frozen")
