"""No network."""

AF_INET, SOCK_STREAM, SOCK_DGRAM, SOL_SOCKET, SO_REUSEADDR = 2, 1, 2, 1, 2


def socket(*_kind):
    raise OSError(5)


def getaddrinfo(*_words):
    raise OSError(-2)
