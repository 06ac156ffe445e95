"""Reading markdown pages: front matter, sections, fenced code, steps.

Start with `page.read_page`, which every reader of a page calls; `steps` finds the commands in what it returns.
"""
