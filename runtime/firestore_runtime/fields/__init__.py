"""Typed fields, and the filters, orders and changes built from them."""
