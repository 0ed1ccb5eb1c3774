"""What pages are made of: elements, the frame around every page, cards, rows, and the browser's own parts.

Texts of the ledger reach the browser as text nodes or through `markup.to_html`, never as markup of their own.
"""
