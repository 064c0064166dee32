"""tools/toolchain.py: which archive and architecture it takes, what it refuses, and what it has fetched."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))

import toolchain
from toolchain import Archive, ToolchainError

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

BOOKWORM_IMAGE = f"""\
Types: deb
# http://snapshot.example.org/archive/debian/20250520T000000Z
URIs: http://deb.example.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: {KEYRING}

Types: deb
# http://snapshot.example.org/archive/debian-security/20250520T000000Z
URIs: http://deb.example.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: {KEYRING}
"""

INSTALLED_BY_CD = """\
#deb cdrom:[Debian GNU/Linux 12.5.0 _Bookworm_ - Official amd64 NETINST]/ bookworm main
deb cdrom:[Debian GNU/Linux 12.5.0 _Bookworm_ - Official amd64 NETINST]/ bookworm contrib main

deb http://ftp.no.example.org/debian/ bookworm main non-free-firmware   # nearest
deb-src http://ftp.no.example.org/debian/ bookworm main non-free-firmware
deb http://security.example.org/debian-security bookworm-security main
deb http://ftp.no.example.org/debian/ bookworm-updates main
"""

THIRD_PARTIES = """\
deb [arch=amd64 signed-by=/etc/apt/keyrings/d.asc] https://download.example.com/linux/debian bookworm stable
deb https://packages.example.com/node_20.x nodistro main
deb http://apt.example.com/pub/repos/apt bookworm-pgdg main
"""

UBUNTU = """\
Types: deb
URIs: http://archive.example.net/ubuntu/
Suites: noble noble-updates noble-backports
Components: main restricted universe multiverse
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
"""

CLOUD_IMAGE = """\
Types: deb deb-src
URIs: mirror+file:///etc/apt/mirrors/debian.list
Suites: trixie trixie-updates trixie-backports
Components: main

Types: deb deb-src
URIs: mirror+file:///etc/apt/mirrors/debian-security.list
Suites: trixie-security
Components: main
"""

KEY_WRITTEN_OUT = """\
types: deb
uris: https://mirror.example.com/apt/one https://mirror.example.com/apt/two
suites: stable
components: main contrib
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEYCQjIxYJKwYBBAHaRw8BAQdAD/P5Nvvnvk66SxBBHDbhRml9ORg1WV5CvzKY
 -----END PGP PUBLIC KEY BLOCK-----
"""


def stand_in(folder: Path, name: str, prints: str) -> Path:
    """A command that prints one line whatever it is asked."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {prints}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache with nothing in it on a machine whose PATH has one folder, which is returned."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(toolchain, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("MICROPYTHON", raising=False)
    return tmp_path / "bin"


@pytest.mark.parametrize(
    "text, archives",
    [
        (BOOKWORM_IMAGE, [Archive("http://deb.example.org/debian", KEYRING)]),
        (UBUNTU, []),
        (CLOUD_IMAGE, [Archive("mirror+file:///etc/apt/mirrors/debian.list", "")]),
        (BOOKWORM_IMAGE.replace("Types:", "Enabled: no\nTypes:"), []),
        (BOOKWORM_IMAGE.replace("Types: deb", "Types: deb-src"), []),
        ("", []),
    ],
)
def test_the_debian_archive_is_found_among_deb822_stanzas(text, archives):
    assert toolchain.deb822_archives(text) == archives


def test_a_key_written_out_in_a_stanza_stays_whole_and_serves_each_uri():
    first, second = toolchain.deb822_archives(KEY_WRITTEN_OUT)
    assert first.uri == "https://mirror.example.com/apt/one"
    assert second.uri == "https://mirror.example.com/apt/two"
    assert first.signed_by == second.signed_by
    assert first.signed_by.splitlines()[0] == "-----BEGIN PGP PUBLIC KEY BLOCK-----"
    assert first.signed_by.splitlines()[1:] == KEY_WRITTEN_OUT.splitlines()[-3:]


@pytest.mark.parametrize(
    "text, archives",
    [
        (INSTALLED_BY_CD, [Archive("http://ftp.no.example.org/debian/", "")]),
        (THIRD_PARTIES, []),
        (f"deb [ arch=amd64 signed-by={KEYRING} ] http://m.example.org/pub/d trixie contrib main",
         [Archive("http://m.example.org/pub/d", KEYRING)]),
        ("deb http://archive.example.net/ubuntu jammy main universe", []),
        ("deb http://old.example.org/debian bullseye/updates main", []),
        ("deb\ndeb http://m.example.org/debian\ndeb http://m.example.org/debian bookworm", []),
        ("# deb http://m.example.org/debian bookworm main", []),
    ],
)  # fmt: skip
def test_the_debian_archive_is_found_among_one_line_sources(text, archives):
    assert toolchain.one_line_archives(text) == archives


def test_the_archive_signed_by_debian_comes_before_one_that_only_looks_like_it(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    look_alike = "deb [signed-by=/etc/apt/keyrings/ci.gpg] https://ci.example.com/run/debian/ bookworm main\n"
    (tmp_path / "sources.list").write_text(look_alike)
    (tmp_path / "sources.list.d" / "debian.sources").write_text(BOOKWORM_IMAGE)
    (tmp_path / "sources.list.d" / "old.list.disabled").write_text(INSTALLED_BY_CD)
    assert toolchain.machine_archives(tmp_path) == [
        Archive("http://deb.example.org/debian", KEYRING),
        Archive("https://ci.example.com/run/debian/", "/etc/apt/keyrings/ci.gpg"),
    ]


def test_a_32_bit_architecture_is_tried_before_the_machines_own(empty_cache):
    assert toolchain.architectures("Linux", "x86_64") == ("i386", "amd64")
    assert toolchain.architectures("Linux", "i686") == ("i386",)
    assert toolchain.architectures("Linux", "aarch64") == ("armhf", "arm64")


def test_another_machine_takes_its_own_debian_architecture(empty_cache):
    stand_in(empty_cache, "dpkg", "riscv64")
    assert toolchain.architectures("Linux", "riscv64") == ("riscv64",)


def test_debians_programs_are_not_for_a_mac(empty_cache):
    assert toolchain.architectures("Darwin", "x86_64") == ()


def test_a_wrong_checksum_is_refused_and_leaves_nothing_behind(empty_cache, tmp_path):
    sdist = tmp_path / "sdist.tar.gz"
    sdist.write_bytes(b"not what was published")
    with pytest.raises(ToolchainError, match="checksum is wrong"):
        toolchain.unpack_umqtt(sdist)
    assert list(toolchain.CACHE.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "cache", "sdist.tar.gz"]
    with pytest.raises(ToolchainError, match="run python tools/toolchain.py"):
        toolchain.umqtt()


def test_a_micropython_on_path_is_used_as_it_is(empty_cache):
    path = stand_in(empty_cache, "micropython", "micropython 1 26 1 64")
    assert toolchain.micropython() == [str(path)]
    assert toolchain.describe() == ((1, 26, 1), 64, f"PATH ({path})")


def test_a_too_old_micropython_on_path_is_refused(empty_cache):
    stand_in(empty_cache, "micropython", "micropython 1 22 2 64")
    with pytest.raises(ToolchainError, match=r"is MicroPython 1\.22\.2: 1\.25 or later needed"):
        toolchain.micropython()


def test_the_one_that_micropython_names_goes_before_the_one_on_path(empty_cache, monkeypatch):
    stand_in(empty_cache, "micropython", "micropython 1 26 1 64")
    monkeypatch.setenv("MICROPYTHON", str(stand_in(empty_cache, "mine", "micropython 1 25 0 32")))
    assert toolchain.describe()[:2] == ((1, 25, 0), 32)


def test_a_named_program_that_is_no_micropython_is_refused(empty_cache, monkeypatch):
    monkeypatch.setenv("MICROPYTHON", sys.executable)
    with pytest.raises(ToolchainError, match="does not run as a MicroPython"):
        toolchain.micropython()


def test_a_broken_fetch_does_not_count_as_cached(empty_cache):
    for arch in toolchain.architectures(platform.system(), platform.machine()):
        (toolchain.CACHE / f"micropython-{arch}" / "usr" / "bin").mkdir(parents=True)
    with pytest.raises(ToolchainError, match="no MicroPython here yet"):
        toolchain.micropython()


@pytest.mark.parametrize(
    "stderr, line",
    [
        ("E: Failed to fetch http://m.example.org/InRelease  Temporary failure resolving 'm.example.org'\n"
         "E: Some index files failed to download. They have been ignored, or old ones used instead.\n",
         "no network, apt-get: Failed to fetch http://m.example.org/InRelease  "
         "Temporary failure resolving 'm.example.org'"),
        ("E: Unable to locate package micropython\n", "apt-get: Unable to locate package micropython"),
        ("In file included from main.c:28:\nmain.c:30:10: fatal error: stdlib.h: No such file or directory\n",
         "apt-get: stdlib.h: No such file or directory"),
        ("", "apt-get: exit status 100"),
    ],
)  # fmt: skip
def test_what_apt_complains_about_becomes_one_line(stderr, line):
    with pytest.raises(ToolchainError) as caught:
        toolchain.check(subprocess.CompletedProcess(["apt-get", "update"], 100, "", stderr))
    assert str(caught.value) == line


def test_sources_are_asked_for_with_a_private_apt(empty_cache, tmp_path):
    stand_in(empty_cache, "apt-get", '"$@"')
    archive = Archive("http://m.example.org/debian", KEYRING)
    toolchain.download(archive, "trixie", "deb-src", "amd64", ["source", "micropython"], tmp_path / "fetching")
    assert (tmp_path / "fetching" / "debian.sources").read_text() == (
        "Types: deb-src\nURIs: http://m.example.org/debian\nSuites: trixie\nComponents: main\n"
        f"Targets: Sources\nSigned-By: {KEYRING}\n"
    )


def test_what_one_archive_does_not_have_comes_from_the_next(tmp_path, monkeypatch):
    def download(archive, suite, types, arch, words, folder):
        if archive.uri != "http://second.example.org/debian":
            raise ToolchainError(f"nothing at {archive.uri}")

    monkeypatch.setattr(toolchain, "download", download)
    archives = [Archive(f"http://{name}.example.org/debian", "") for name in ("first", "second")]
    assert toolchain.fetch(archives, "deb", "i386", ["download"], tmp_path) == tmp_path / "2"
    with pytest.raises(ToolchainError, match=r"nothing at http://first"):
        toolchain.fetch(archives[:1], "deb", "i386", ["download"], tmp_path)


def test_a_suite_whose_lists_a_mirror_is_renewing_is_read_by_its_other_name(tmp_path, monkeypatch):
    def download(archive, suite, types, arch, words, folder):
        if suite == "trixie":
            raise ToolchainError("Mirror sync in progress?")

    monkeypatch.setattr(toolchain, "download", download)
    archives = [Archive("http://m.example.org/debian", "")]
    assert toolchain.fetch(archives, "deb", "i386", ["download"], tmp_path) == tmp_path / "1"


def test_a_command_reads_what_it_is_given_and_no_variables_of_our_make(monkeypatch):
    monkeypatch.setenv("MAKEFLAGS", " -- BOARD=esp32")
    assert toolchain.run(["sh", "-c", 'cat; echo "$MAKEFLAGS"'], 10, text="given ").stdout == "given \n"


def test_a_command_that_hangs_is_ended(tmp_path):
    with pytest.raises(ToolchainError, match="did not finish in 1 s"):
        toolchain.run(["sleep", "60"], 1)


def test_describe_agrees_with_the_interpreter_and_the_fetched_one_has_32_bits():
    version, word_bits, origin = toolchain.describe()
    program = "import sys; print(sys.maxsize, sys.implementation.name)"
    maxsize, name = subprocess.check_output([*toolchain.micropython(), "-c", program], text=True).split()
    assert (name, int(maxsize)) == ("micropython", 2 ** (word_bits - 1) - 1)
    assert version >= (1, 25)
    assert word_bits == 32 or origin not in ("Debian (i386)", "Debian (armhf)")


def test_umqtt_simple_can_be_imported_by_the_micropython():
    program = "from umqtt.simple import MQTTClient; print(MQTTClient.__name__)"
    environment = {**os.environ, "MICROPYPATH": str(toolchain.umqtt())}
    printed = subprocess.check_output([*toolchain.micropython(), "-c", program], env=environment, text=True)
    assert printed == "MQTTClient\n"
