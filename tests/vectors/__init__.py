"""The makers of fixtures/vectors, one for each file; `script/vectors` writes what they make.

The name of a maker is that of its file. Its decorator says the result, and its docstring, which
goes into README.md, how the file differs from a good one. "Signed" means that all MACs fit what
stands in the file, so that a reader that checks nothing but the MACs would take it.
"""
