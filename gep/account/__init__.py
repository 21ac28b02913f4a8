"""Compiling an account: extent, evaluation, spreading, checks, and the lines of the ledger."""

from gep.account.compile import check, compile_account

__all__ = ["check", "compile_account"]
