"""Photos that people bring: checked, drawn anew without what the camera wrote, sealed on disk.

Not what they mean: an application or a pick-up person points to them. Start at
``service.store_image``.
"""
