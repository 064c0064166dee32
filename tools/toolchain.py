"""Puts a real MicroPython and umqtt.simple into .cache/ and says where they are.

MicroPython's unix port comes from Debian trixie and is started beside the machine's own system by its own
ld-linux: no root, nothing installed. It is 32-bit where the machine can run that: small integers then have 31
bits as on the ESP32, so tests see the same allocations. Without Debian, a `micropython` on PATH serves, and
MICROPYTHON may name one. Only `python tools/toolchain.py` fetches; the functions just look.
"""

import hashlib
import itertools
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple, Optional

CACHE = Path(__file__).resolve().parent.parent / ".cache"
OLDEST = (1, 25, 0)
# By either name: a mirror that is being renewed may have the lists of one whole and not those of the other.
SUITES = ("trixie", "stable")
DEBIAN_SUITES = {"oldoldstable", "oldstable", "stable", "testing", "unstable", "sid"}
DEBIAN_SUITES |= {"bullseye", "bookworm", "trixie", "forky"}
PACKAGES = ("micropython", "libc6", "libffi8", "libmbedtls21", "libmbedcrypto16", "libmbedx509-7")
I386_FIRST, ARMHF_FIRST = ("i386", "amd64"), ("armhf", "arm64")  # a kernel may refuse the 32-bit one
ARCHITECTURES = {"x86_64": I386_FIRST, "i386": I386_FIRST[:1], "i686": I386_FIRST[:1], "aarch64": ARMHF_FIRST}
TRIAL = "import sys; i = sys.implementation; print(i.name, *i.version[:3], 64 if sys.maxsize >> 32 else 32)"
UMQTT = "micropython-umqtt.simple-1.3.4"
UMQTT_SHA256 = "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f"
UMQTT_FILES = {"umqtt/simple.py": "umqtt/simple.py", "micropython_umqtt.simple.egg-info/PKG-INFO": "PKG-INFO"}

# A private apt, without the machine's architectures and the hooks it runs after updating its own lists. The
# sandbox is for root, whose apt would otherwise fetch as the user _apt, who cannot write in our folder.
APT_CONF = """\
#clear APT::Architectures;
#clear APT::Update;
APT::Architecture "{arch}";
APT::Architectures {{ "{arch}"; }};
APT::Default-Release "";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Dir::State "{folder}/state";
Dir::State::Lists "{folder}/state/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::SourceList "{folder}/debian.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
"""
TARGETS = {"deb": "Packages", "deb-src": "Sources"}  # the one list that apt needs of each type
NAMED_DEBIAN = re.compile(r"/debian/?$")
NO_NETWORK = re.compile(r"resolv|could not connect|connection (failed|refused)|timed out|unreachable", re.I)


class ToolchainError(Exception):
    """One line that says what failed and what to do about it."""


class Interpreter(NamedTuple):
    """A MicroPython that was tried: how it is started, e.g. (1, 25, 0), 32 or 64, and where it comes from."""

    argv: list[str]
    version: tuple[int, ...]
    word_bits: int
    origin: str


def micropython() -> list[str]:
    """The words that start MicroPython; its options and the script follow them."""
    return find_micropython().argv


def describe() -> tuple[tuple[int, ...], int, str]:
    """(version, word size in bits, origin) of the MicroPython that micropython() starts."""
    return find_micropython()[1:]


def umqtt() -> Path:
    """The folder to put on MICROPYPATH, which contains umqtt/simple.py."""
    if not (CACHE / UMQTT).exists():
        raise ToolchainError("umqtt.simple is not here yet: run python tools/toolchain.py")
    return CACHE / UMQTT


def find_micropython() -> Interpreter:
    """The one that the environment's MICROPYTHON names, else the fetched one, else the one on PATH."""
    named = os.environ.get("MICROPYTHON")
    found = on_path(named, "MICROPYTHON") if named else cached() or on_path("micropython", "PATH")
    if not found and named:
        raise ToolchainError(f"MICROPYTHON={named} does not run as a MicroPython: correct or unset it")
    if not found:
        raise ToolchainError("there is no MicroPython here yet: run python tools/toolchain.py")
    if found.version < OLDEST:
        raise ToolchainError(f"{found.origin} is MicroPython {dotted(found.version)}: 1.25 or later needed")
    return found


def on_path(name: str, origin: str) -> Optional[Interpreter]:
    """The machine's own interpreter of this name or path."""
    path = shutil.which(name)
    return trial([path], f"{origin} ({path})") if path else None


def cached() -> Optional[Interpreter]:
    """The fetched MicroPython."""
    for arch in architectures(platform.system(), platform.machine()):
        root = CACHE / f"micropython-{arch}"
        found = trial(start_words(root), f"Debian ({arch})") if root.exists() else None
        if found:
            return found
    return None


def trial(argv: list[str], origin: str) -> Optional[Interpreter]:
    """The interpreter as it describes itself; None if it does not run here or is no MicroPython."""
    try:
        name, *numbers = run([*argv, "-c", TRIAL], 20).stdout.split()
        *version, word_bits = map(int, numbers)
    except (ToolchainError, ValueError):
        return None
    return Interpreter(argv, tuple(version), word_bits, origin) if name == "micropython" else None


def architectures(system: str, machine: str) -> tuple[str, ...]:
    """Debian's architectures that may run here, best first; none where Debian's programs cannot run."""
    if system != "Linux":
        return ()
    if machine in ARCHITECTURES:
        return ARCHITECTURES[machine]
    return (run(["dpkg", "--print-architecture"], 20).stdout.strip(),) if shutil.which("dpkg") else ()


def start_words(root: Path) -> list[str]:
    """Starts the MicroPython unpacked in `root` with the ld-linux and the libraries beside it."""
    loader = next(root.glob("usr/lib/*-linux-*/ld*.so.*"), root / "ld-linux")
    return [str(loader), "--library-path", str(loader.parent), str(root / "usr/bin/micropython")]


def run(
    argv: list[str], timeout_s: int, folder: Optional[Path] = None, text: str = ""
) -> subprocess.CompletedProcess:
    """Runs a command that reads `text` and may fail but not hang, and keeps what it prints, in English."""
    environment = {**os.environ, "LC_ALL": "C"}
    environment.pop("MAKEFLAGS", None)  # variables of the `make` that started us are not meant for another one
    options = {"input": text, "capture_output": True, "encoding": "utf-8", "errors": "replace"}
    try:
        return subprocess.run(argv, cwd=folder, timeout=timeout_s, env=environment, **options)
    except subprocess.TimeoutExpired:
        raise ToolchainError(f"{argv[0]} did not finish in {timeout_s} s") from None
    except OSError as error:
        raise ToolchainError(f"{argv[0]} does not start: {error.strerror}") from None


class Archive(NamedTuple):
    """A Debian archive: its URI and what must sign it (empty: any key the machine trusts)."""

    uri: str
    signed_by: str


def machine_archives(etc: Path = Path("/etc/apt")) -> list[Archive]:
    """The Debian archives in the machine's own apt sources, the surest one first."""
    archives = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        parse = {".list": one_line_archives, ".sources": deb822_archives}.get(path.suffix)
        if parse and path.is_file():
            archives += parse(path.read_text(encoding="utf-8", errors="replace"))
    # Some third parties name their suites as Debian does. They come last and have no MicroPython to give.
    archives.sort(key=lambda one: ("debian-archive" not in one.signed_by, not NAMED_DEBIAN.search(one.uri)))
    return list(dict.fromkeys(archives))


def one_line_archives(text: str) -> list[Archive]:
    """The Debian archives among lines such as `deb [signed-by=KEYRING] URI bookworm main`."""
    archives = []
    for line in text.splitlines():
        entry = re.match(r"\s*deb\s+(?:\[(.*?)\]\s*)?(\S+)\s+(\S+)\s+([^#]*)", line)
        if entry:
            options, uri, suite, components = entry.groups(default="")
            signed_by = re.search(r"(?:^|\s)signed-by=(\S+)", options, re.I)
            archives += debian_only([uri], [suite], components.split(), signed_by[1] if signed_by else "")
    return archives


def deb822_archives(text: str) -> list[Archive]:
    """The Debian archives among deb822 stanzas; a key written out in Signed-By keeps its lines."""
    archives = []
    for stanza in re.split(r"\n(?:[ \t]*\n)+", re.sub(r"^#.*\n?", "", text, flags=re.M)):
        found = re.findall(r"^([\w-]+):(.*(?:\n[ \t].*)*)", stanza, re.M)
        fields = {"enabled": "yes", "signed-by": "", **{name.lower(): value.strip() for name, value in found}}
        types, uris, suites, components = (
            fields.get(name, "").split() for name in ("types", "uris", "suites", "components")
        )
        if "deb" in types and fields["enabled"].lower() not in ("no", "false"):
            archives += debian_only(uris, suites, components, fields["signed-by"])
    return archives


def debian_only(uris: list[str], suites: list[str], components: list[str], signed_by: str) -> list[Archive]:
    """A source's URIs that are Debian's main archive, which its security and -updates suites only add to."""
    suites = [suite for suite in suites if not suite.endswith(("security", "updates"))]
    if "main" not in components or not suites:
        return []
    known = not DEBIAN_SUITES.isdisjoint(suites)
    return [Archive(uri, signed_by) for uri in uris if known or NAMED_DEBIAN.search(uri)]


def fetch_micropython() -> None:
    """Fetches Debian's MicroPython; one that does not run here gives way to the next architecture."""
    archives = debian_archives()
    for arch in architectures(platform.system(), platform.machine()):
        print(f"Fetching MicroPython from Debian {SUITES[0]} ({arch}), 14 MB", file=sys.stderr, flush=True)
        target = CACHE / f"micropython-{arch}"
        shutil.rmtree(target, ignore_errors=True)  # what is there does not run, or nobody would fetch
        with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetching-") as temporary:
            root = unpack(fetch(archives, "deb", arch, ["download", *PACKAGES], Path(temporary)))
            if trial(start_words(root), arch):
                put(root, target)
                return
    raise ToolchainError("Debian's MicroPython does not run on this machine")


def debian_archives() -> list[Archive]:
    """As machine_archives(), where there are any and apt can use them."""
    archives = machine_archives()
    if not (archives and shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise ToolchainError("this machine has no apt with Debian's archive")
    return archives


def fetch(archives: list[Archive], types: str, arch: str, words: list[str], folder: Path) -> Path:
    """The folder below `folder` with what apt-get, told `words`, fetched from the first archive that has it."""
    failures = []
    for number, (archive, suite) in enumerate(itertools.product(archives, SUITES)):
        attempt = folder / str(number)
        try:
            download(archive, suite, types, arch, words, attempt)
            return attempt
        except ToolchainError as error:
            failures.append(error)
    raise failures[0]


def unpack(folder: Path) -> Path:
    """The folder into which the packages in `folder` are unpacked."""
    for package in sorted(folder.glob("*.deb")):
        check(run(["dpkg-deb", "-x", str(package), str(folder / "root")], 60))
    return folder / "root"


def download(archive: Archive, suite: str, types: str, arch: str, words: list[str], folder: Path) -> None:
    """Has apt-get do `words` in `folder`, with lists, cache and state of its own; apt verifies what it fetches."""
    for needed in ("state/lists/partial", "cache/archives/partial"):
        (folder / needed).mkdir(parents=True)
    (folder / "status").touch()
    source = f"Types: {types}\nURIs: {archive.uri}\nSuites: {suite}\nComponents: main\nTargets: {TARGETS[types]}\n"
    signed_by = f"Signed-By: {archive.signed_by}\n" if archive.signed_by else ""
    (folder / "debian.sources").write_text(source + signed_by)
    (folder / "apt.conf").write_text(APT_CONF.format(arch=arch, folder=folder))
    for step in (["update"], words):
        check(run(["apt-get", "-q", f"-c={folder}/apt.conf", *step], 300, folder))


def check(done: subprocess.CompletedProcess) -> None:
    """Turns a failure into one line: the first thing that apt, dpkg-deb or a compiler complains about."""
    if done.returncode:
        complaint = re.search(r"^(?:E|W|.*\berror): *(.*)", done.stderr, re.M)
        reason = complaint[1] if complaint else f"exit status {done.returncode}"
        raise ToolchainError(f"{'no network, ' if NO_NETWORK.search(reason) else ''}{done.args[0]}: {reason}")


def put(folder: Path, target: Path) -> None:
    """Renames what is finished into place: a broken fetch never counts. Another run may have been first."""
    try:
        folder.rename(target)
    except OSError:
        if not target.exists():
            raise


def fetch_umqtt() -> None:
    """Fetches umqtt.simple's sdist, which pip itself refuses to install, from the index that pip uses."""
    try:
        from pypi_simple import PYPI_SIMPLE_ENDPOINT, PyPISimple
    except ImportError:
        raise ToolchainError("pypi-simple is missing: run pip install pypi-simple") from None
    print("Fetching umqtt.simple from the Python package index", file=sys.stderr, flush=True)
    pip_index = run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], 60).stdout.strip()
    endpoint = os.environ.get("PIP_INDEX_URL") or pip_index or PYPI_SIMPLE_ENDPOINT
    project, version = UMQTT.rsplit("-", 1)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetching-") as temporary:
        sdist = Path(temporary) / "sdist.tar.gz"
        try:
            with PyPISimple(endpoint) as index:
                packages = index.get_project_page(project, timeout=30).packages
                wanted = next(p for p in packages if p.version == version and p.package_type == "sdist")
                index.download_package(wanted, sdist, verify=False, timeout=30)  # unpack_umqtt() verifies
        except Exception as error:  # the errors of pypi-simple and of requests have no class in common
            reason = f"umqtt.simple cannot be fetched ({type(error).__name__})"
            raise ToolchainError(f"{reason}: check the network and pip's index-url") from None
        unpack_umqtt(sdist)


def unpack_umqtt(sdist: Path) -> None:
    """Verifies the sdist and puts its umqtt/simple.py into the cache, with PKG-INFO for the licence."""
    if hashlib.sha256(sdist.read_bytes()).hexdigest() != UMQTT_SHA256:
        raise ToolchainError("umqtt.simple's checksum is wrong, so it is refused: check pip's index-url")
    folder = sdist.with_name(UMQTT)
    (folder / "umqtt").mkdir(parents=True)
    with tarfile.open(sdist) as tar:
        for member, target in UMQTT_FILES.items():
            (folder / target).write_bytes(tar.extractfile(f"{UMQTT}/{member}").read())
    put(folder, CACHE / UMQTT)


def ensure_micropython() -> None:
    """Fetches MicroPython if it is missing. A failed fetch is an error only if PATH has none either."""
    if os.environ.get("MICROPYTHON") or cached():
        return
    try:
        fetch_micropython()
    except ToolchainError as error:
        if not shutil.which("micropython"):
            raise ToolchainError(f"{error}; without it, put MicroPython 1.25 or later on PATH") from None
        print(f"Not fetched ({error}): trying the micropython on PATH", file=sys.stderr)


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def main() -> int:
    """Fetches what is missing and says in a line each what there is; 1 and a line if something failed."""
    try:
        CACHE.mkdir(exist_ok=True)
        ensure_micropython()
        version, word_bits, origin = describe()
        print(f"MicroPython {dotted(version)}, {word_bits}-bit, from {origin}", flush=True)
        if not (CACHE / UMQTT).exists():
            fetch_umqtt()
        print(f"umqtt.simple {UMQTT.rsplit('-', 1)[1]}, checksum verified")
    except (ToolchainError, OSError) as error:
        print(f"toolchain: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
