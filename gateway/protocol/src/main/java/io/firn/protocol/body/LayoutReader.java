package io.firn.protocol.body;

import org.apache.kafka.common.protocol.types.ArrayOf;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.utils.internals.ImplicitLinkedHashCollection;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Makes a [Layout] of Kafka's schema of a message and of the class that the message is parsed
/// into; the class says which arrays become hash tables, and how large objects are.
final class LayoutReader {
    private static final int OBJECT_HEAD_BYTES = 12;
    private static final int REFERENCE_BYTES = 4;
    private static final int BOXED_BYTES = 16 + REFERENCE_BYTES;
    private static final int UUID_BYTES = 32;

    /// An element of a list costs its reference; of a hash table, more slots than there are
    /// elements.
    private static final int SLOTS_PER_ELEMENT = 5;

    private LayoutReader() {}

    static Layout read(Schema schema, Class<?> message) {
        return struct(schema, message);
    }

    private static Layout.Struct struct(Schema schema, Class<?> type) {
        List<Layout> fields = new ArrayList<>();
        for (BoundField bound : schema.fields()) {
            Layout layout = layout(bound.def.type, field(type, bound.def.name));
            if (layout instanceof Layout.Fixed next
                    && !fields.isEmpty()
                    && fields.getLast() instanceof Layout.Fixed before) {
                fields.set(
                        fields.size() - 1,
                        new Layout.Fixed(
                                before.bytes() + next.bytes(),
                                before.heapBytes() + next.heapBytes()));
            } else {
                fields.add(layout);
            }
        }
        return new Layout.Struct(
                fields,
                schema.isNullable(),
                schema.fields().length > 0 && schema.get(0).def.type == Type.UUID,
                shallowBytes(type));
    }

    /// @param owner the field of the class that holds what is read; for tagged fields, the class
    private static Layout layout(Type type, Holder owner) {
        if (type instanceof Schema schema) {
            return struct(schema, owner.type());
        }
        if (type instanceof TaggedFields tagged) {
            return tagged(tagged, owner);
        }
        if (type instanceof ArrayOf array) {
            return array(false, array.arrayElementType().orElseThrow(), owner);
        }
        if (type instanceof CompactArrayOf array) {
            return array(true, array.arrayElementType().orElseThrow(), owner);
        }
        return scalar(type, 0);
    }

    private static Layout array(boolean compact, Type element, Holder owner) {
        Class<?> elementType = owner.elementType();
        Layout layout =
                element instanceof Schema schema
                        ? struct(schema, elementType)
                        : scalar(element, BOXED_BYTES);
        boolean keyed = ImplicitLinkedHashCollection.class.isAssignableFrom(owner.type());
        return new Layout.Array(
                compact, layout, keyed ? parser(elementType) : null, key(layout, element));
    }

    private static Layout.Key key(Layout layout, Type element) {
        if (layout instanceof Layout.Text) {
            return Layout.Key.TEXT;
        }
        if (!(layout instanceof Layout.Struct struct)) {
            return Layout.Key.NONE; // bare numbers are answered in lists
        }
        if (((Schema) element).get(0).def.type == Type.INT32) {
            return Layout.Key.NUMBER;
        }
        return struct.fields().stream().limit(2).anyMatch(Layout.Text.class::isInstance)
                ? Layout.Key.TEXT
                : Layout.Key.NONE;
    }

    private static Layout tagged(TaggedFields tagged, Holder owner) {
        List<@Nullable Layout> known = new ArrayList<>();
        for (Map.Entry<Integer, Field> entry : tagged.fields().entrySet()) {
            while (known.size() <= entry.getKey()) {
                known.add(null);
            }
            Field field = entry.getValue();
            known.set(entry.getKey(), layout(field.type, field(owner.declaring(), field.name)));
        }
        return new Layout.Tagged(known);
    }

    private static Layout scalar(Type type, int boxedBytes) {
        if (type == Type.BOOLEAN || type == Type.INT8) {
            return new Layout.Fixed(1, boxedBytes);
        }
        if (type == Type.INT16 || type == Type.UINT16) {
            return new Layout.Fixed(2, boxedBytes);
        }
        if (type == Type.INT32 || type == Type.UNSIGNED_INT32) {
            return new Layout.Fixed(4, boxedBytes);
        }
        if (type == Type.INT64 || type == Type.FLOAT64) {
            return new Layout.Fixed(8, boxedBytes);
        }
        if (type == Type.UUID) {
            return new Layout.Fixed(16, UUID_BYTES);
        }
        if (type == Type.STRING || type == Type.NULLABLE_STRING) {
            return new Layout.Text(false);
        }
        if (type == Type.COMPACT_STRING || type == Type.COMPACT_NULLABLE_STRING) {
            return new Layout.Text(true);
        }
        if (type == Type.BYTES || type == Type.NULLABLE_BYTES) {
            return new Layout.Bytes(false, true);
        }
        if (type == Type.COMPACT_BYTES || type == Type.COMPACT_NULLABLE_BYTES) {
            return new Layout.Bytes(true, true);
        }
        if (type == Type.RECORDS || type == Type.NULLABLE_RECORDS) {
            return new Layout.Bytes(false, false);
        }
        if (type == Type.COMPACT_RECORDS || type == Type.COMPACT_NULLABLE_RECORDS) {
            return new Layout.Bytes(true, false);
        }
        throw new IllegalStateException(
                "Cannot weigh requests with a field of type %s: Kafka's library has a type that this class does not know"
                        .formatted(type));
    }

    private static MethodHandle parser(Class<?> element) {
        try {
            return MethodHandles.publicLookup()
                    .findConstructor(
                            element,
                            MethodType.methodType(
                                    void.class,
                                    org.apache.kafka.common.protocol.Readable.class,
                                    short.class))
                    .asType(
                            MethodType.methodType(
                                    Object.class,
                                    org.apache.kafka.common.protocol.Readable.class,
                                    short.class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot find out how Kafka parses " + element, e);
        }
    }

    /// Where a value ends up.
    ///
    /// @param declaring the class of the struct
    /// @param generic the type of its field
    private record Holder(Class<?> declaring, java.lang.reflect.Type generic) {
        Class<?> type() {
            return generic instanceof ParameterizedType list
                    ? (Class<?>) list.getRawType()
                    : (Class<?>) generic;
        }

        /// Of a `List<X>`, or of a class that extends a collection of `X`.
        Class<?> elementType() {
            ParameterizedType collection =
                    generic instanceof ParameterizedType list
                            ? list
                            : (ParameterizedType) type().getGenericSuperclass();
            return (Class<?>) collection.getActualTypeArguments()[0];
        }
    }

    private static Holder field(Class<?> declaring, String name) {
        String wanted = plain(name);
        for (var field : declaring.getDeclaredFields()) {
            if (plain(field.getName()).equals(wanted)) {
                return new Holder(declaring, field.getGenericType());
            }
        }
        return new Holder(declaring, Object.class); // the section of tagged fields
    }

    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /// Of the object alone, on a JVM with compressed references, and of its place in a collection.
    private static int shallowBytes(Class<?> type) {
        int bytes = OBJECT_HEAD_BYTES + SLOTS_PER_ELEMENT * REFERENCE_BYTES;
        for (var field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                bytes += bytes(field.getType());
            }
        }
        return bytes + 7 & ~7;
    }

    private static int bytes(Class<?> field) {
        if (field == long.class || field == double.class) {
            return Long.BYTES;
        }
        if (field == short.class || field == char.class) {
            return Short.BYTES;
        }
        if (field == byte.class || field == boolean.class) {
            return 1;
        }
        return REFERENCE_BYTES; // and int, float
    }
}
