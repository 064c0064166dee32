"""No threads on this machine: what would run in one does not run."""


class _Lock:
    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass


def allocate_lock():
    return _Lock()


def start_new_thread(_function, _words):
    return 1


def stack_size(_octets=0):
    return 0
