"""What deploy.py does, by subject: flash, upload, label, provision, keep (backup and restore), console.

`plan` says what must be copied, `target` finds the dongle and looks at it;
`ondongle` has the programs that run there; `progress` draws bars.
"""
