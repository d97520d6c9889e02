package io.firn.protocol.body;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.util.List;

/// How a part of a body lies on the wire, and what it becomes in memory.
sealed interface Layout {
    /// Numbers of a fixed size, one or more of them in a row.
    ///
    /// @param heapBytes objects that they become beside the fields of their struct
    record Fixed(int bytes, int heapBytes) implements Layout {}

    /// @param compact whether its length is a varint and not two bytes
    record Text(boolean compact) implements Layout {}

    /// @param compact whether its length is a varint and not four bytes
    /// @param copied whether the bytes go to the heap; records stay in the frame
    record Bytes(boolean compact, boolean copied) implements Layout {}

    /// What the entries of an answer's hash table have for a key, if one is made of an array.
    enum Key {
        NONE,
        /// The text that an element begins with, but for an id or a small number.
        TEXT,
        /// The number of four bytes that an element begins with.
        NUMBER
    }

    /// @param compact whether its length is a varint and not four bytes
    /// @param parse makes an element of the bytes at a [org.apache.kafka.common.protocol.Readable],
    ///     in a version; `null` for arrays that no hash table is made of when they are parsed
    /// @param key of the elements
    record Array(boolean compact, Layout element, @Nullable MethodHandle parse, Key key)
            implements Layout {}

    /// @param mayBeNull whether a byte in front says if it is there
    /// @param byId whether it begins with an id
    /// @param heapBytes of the object alone
    record Struct(List<Layout> fields, boolean mayBeNull, boolean byId, int heapBytes)
            implements Layout {
        public Struct {
            fields = List.copyOf(fields);
        }
    }

    /// The optional fields at the end of a struct.
    ///
    /// @param known by tag; `null` where there is none
    record Tagged(List<@Nullable Layout> known) implements Layout {}
}
