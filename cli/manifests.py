"""Manifests in files and folders, as `fleet apply -f` takes them: read and judged before anything is sent."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from cli.answers import few
from cli.documents import Document, UnreadableTextError, json_documents, yaml_documents
from domain.errors import FleetError, InvalidInputError
from domain.git.manifest import RepoManifest, foreign_kind, lacks_kind, parts, read_manifest
from domain.git.secret_manifest import SecretManifest

STANDARD_INPUT: Final = "-"
ENDINGS: Final = (".yaml", ".yml", ".json")

MAX_FILES: Final = 10_000
MAX_BYTES: Final = 16 * 1024 * 1024
"""All files together; 10,000 repos take about 3 MiB."""

MAX_RESOURCES: Final = 20_000
MAX_TOLD: Final = 20
"""So many mistakes are told at once."""


class ManifestError(FleetError):
    """What was to be applied cannot be read, or breaks a rule. Each line says where."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A GitRepo or Secret that was found.

    Attributes:
        place: where, for people.
        manifest: what it says.
    """

    place: str
    manifest: RepoManifest | SecretManifest


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in files and folders.

    Attributes:
        resources: Secrets first, so that repos find theirs; else in the order of the files.
        passed_over: what is none of ours: where it stands, and of which kind it is.
    """

    resources: tuple[Resource, ...]
    passed_over: tuple[str, ...]


def read(paths: Iterable[str], namespace: str) -> Reading:
    """All resources in files and folders. Nothing counts unless everything can be read.

    Args:
        paths: files, folders (with all that is in them, but for hidden files), "-" for standard input.
        namespace: for those that name none.

    Raises:
        ManifestError: a file cannot be read, breaks a rule, or names what another names, too; or there is
            nothing at all.
    """
    found, passed_over, mistakes = list[Resource](), list[str](), list[str]()
    for place, part, is_chosen in _parts(paths, mistakes):
        if lacks_kind(part):
            if is_chosen:
                mistakes.append(f"{place} has no kind; it is neither a GitRepo nor a Secret.")
            else:
                passed_over.append(f"{place}: no kind")
            continue
        if kind := foreign_kind(part):
            passed_over.append(f"{place}: {kind}")
            continue
        try:
            manifest = read_manifest(part, namespace)
        except InvalidInputError as error:
            mistakes.append(f"{place}: {error}")
            continue
        found.append(Resource(place, manifest))
        if len(found) > MAX_RESOURCES:
            raise ManifestError(f"{place}: there are more than {MAX_RESOURCES:,} resources; apply fewer.")
    mistakes += _said_twice(found)
    if mistakes:
        more = [f"... and {len(mistakes) - MAX_TOLD} more."] if len(mistakes) > MAX_TOLD else []
        raise ManifestError("\n".join([*mistakes[:MAX_TOLD], *more, "Nothing was applied."]))
    if not found:
        told = f" Passed over: {few(passed_over)}." if passed_over else ""
        raise ManifestError(f"There is no GitRepo or Secret in what -f names.{told}")
    found.sort(key=lambda each: isinstance(each.manifest, RepoManifest))
    return Reading(tuple(found), tuple(passed_over))


def _said_twice(found: Sequence[Resource]) -> Iterator[str]:
    first: dict[tuple[type, str], str] = {}
    for each in found:
        place = first.setdefault((type(each.manifest), each.manifest.name), each.place)
        if place != each.place:
            yield f"{each.place}: {each.manifest.name} stands in {place}, too; only one of them can count."


def _parts(paths: Iterable[str], mistakes: list[str]) -> Iterator[tuple[str, object, bool]]:
    """Each resource behind its place, and whether its very file was named.

    What cannot be read is added to the mistakes.
    """
    for source in _Sources(paths):
        try:
            documents = json_documents(source.text) if source.is_json else yaml_documents(source.text)
        except UnreadableTextError as error:
            mistakes.append(f"{source.name}: {error}")
            continue
        for number, document in enumerate(documents, 1):
            place = _place(source.name, number, document, alone=len(documents) == 1)
            try:
                for within, part in parts(document.content):
                    yield (f"{place}, {within}" if within else place), part, source.is_chosen
            except InvalidInputError as error:
                mistakes.append(f"{place}: {error}")


def _place(name: str, number: int, document: Document, *, alone: bool) -> str:
    return name if alone else f"{name}, document {number} (line {document.line})"


@dataclass(frozen=True, slots=True)
class _Source:
    """A text, where it comes from, and whether somebody named it, and not the folder that it is in."""

    name: str
    text: str = field(repr=False)
    is_chosen: bool

    @property
    def is_json(self) -> bool:
        return self.name.endswith(".json")


class _Sources:
    """The texts of files and folders, together no more than the limits."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = paths
        self._files = 0
        self._bytes = 0

    def __iter__(self) -> Iterator[_Source]:
        for path in self._paths:
            if path == STANDARD_INPUT:
                text = self._text("standard input", sys.stdin.buffer)
                yield _Source("standard input", text, is_chosen=True)
                continue
            is_chosen = not Path(path).is_dir()
            for file in _files(Path(path)):
                yield _Source(str(file), self._opened(file), is_chosen=is_chosen)

    def _opened(self, file: Path) -> str:
        try:
            with file.open("rb") as stream:
                return self._text(str(file), stream)
        except OSError as error:
            raise ManifestError(f"{file} cannot be read: {error.strerror}.") from None

    def _text(self, name: str, stream: BinaryIO) -> str:
        content = stream.read(MAX_BYTES - self._bytes + 1)
        self._files += 1
        self._bytes += len(content)
        if self._files > MAX_FILES:
            raise ManifestError(f"There are more than {MAX_FILES:,} files in what -f names; apply fewer.")
        if self._bytes > MAX_BYTES:
            raise ManifestError(
                f"{name}: with this there is more than {MAX_BYTES // 1024**2} MiB; apply fewer files."
            )
        try:
            return str(content, "utf-8-sig")
        except UnicodeDecodeError:
            raise ManifestError(f"{name} is no text in UTF-8.") from None


def _files(path: Path) -> Iterator[Path]:
    """A file itself, or the manifests in a folder, sorted, whatever is hidden left out."""
    if not path.is_dir():
        yield path
        return
    for folder, inner, names in os.walk(path, onerror=_refuse):
        inner[:] = sorted(each for each in inner if not each.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            # A pipe or a device would be waited for.
            if name.endswith(ENDINGS) and not name.startswith(".") and file.is_file():
                yield file


def _refuse(error: OSError) -> None:
    raise ManifestError(f"{error.filename} cannot be read: {error.strerror}.") from None
