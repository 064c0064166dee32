"""A day in which everything goes wrong at once, with all that a dongle has running. It stands on the soak (soaking/).

plan       what goes wrong when, drawn from a seed
board      the firmware as on a board: it starts anew when it ends, its power is cut, and a probe tells how it does
visitor    who looks at the page or the portal, asks too slowly, or sends what no browser sends
questions  malformed DNS for the setup network's name server
world      all of it: they live through a plan
checks     whether what came of it is what it should be
verdict    the checks of a whole day, in words and in figures
"""
