"""How is a YAML file that people write read? Without what lets a few lines mean something else than they seem to.

Aliases are refused, because a few lines of them can unfold to gigabytes, and so is a key given twice.
"""

from __future__ import annotations

from collections.abc import Hashable

import yaml


class StrictLoader(yaml.SafeLoader):
    """YAML without aliases, without a key given twice, and without half a character.

    JSON writes what lies beyond the first 65,536 characters as two escapes; YAML would take them for a character each.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse an alias."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"aliases are not allowed here (line {event.start_mark.line + 1})")
        return super().compose_node(parent, index)

    def construct_scalar(self, node: yaml.ScalarNode | yaml.MappingNode) -> str:
        """Put halves of characters together; refuse one that stands alone."""
        found = str(super().construct_scalar(node))
        if found.isascii():
            return found
        try:
            return found.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(f"a text holds half a character (line {line})") from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        """Refuse a key given twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.YAMLError(f"the key {key.value!r} stands twice (line {key.start_mark.line + 1})")
                seen.add(key.value)
        found: dict[Hashable, object] = super().construct_mapping(node, deep=deep)
        return found
