"""`ops fleet fix`: repairs what an audit found, where that is safe, and takes a repair back.

Start reading at `repairs.py`, the table of the codes; `look_repairs.py` has the steps of each repair.
"""
