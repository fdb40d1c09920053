"""The day on paper, made by itself each morning: for the day on which the network is down.

Not the board (attendance), which it prints. Start at ``service``.
"""
