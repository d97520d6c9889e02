package io.firn.catalog.iceberg;

import io.firn.objectstore.ObjectConflictException;
import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectMissingException;
import io.firn.objectstore.ObjectStore;

import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;

/// Iceberg's metadata files in our bucket: small, written once, read whole.
public final class MetadataFiles implements FileIO {
    private final transient Supplier<ObjectStore> objects;
    private final String prefix;

    public MetadataFiles(String bucket, Supplier<ObjectStore> objects) {
        this.objects = objects;
        this.prefix = "s3://" + bucket + "/";
    }

    /// `s3://bucket/`
    String prefix() {
        return prefix;
    }

    String bucket() {
        return prefix.substring("s3://".length(), prefix.length() - 1);
    }

    ObjectStore objects() {
        return objects.get();
    }

    private ObjectKey key(String location) {
        if (!location.startsWith(prefix)) {
            throw new ValidationException(
                    "Cannot use location %s: this catalog keeps tables in %s only; leave the location out",
                    location, prefix);
        }
        return new ObjectKey(location.substring(prefix.length()));
    }

    @Override
    public InputFile newInputFile(String path) {
        return new Input(path, key(path));
    }

    @Override
    public OutputFile newOutputFile(String path) {
        return new Output(path, key(path));
    }

    @Override
    public void deleteFile(String path) {
        objects.get().delete(key(path));
    }

    @Override
    public Map<String, String> properties() {
        return Map.of();
    }

    private final class Input implements InputFile {
        private final String location;
        private final ObjectKey key;

        Input(String location, ObjectKey key) {
            this.location = location;
            this.key = key;
        }

        @Override
        public long getLength() {
            return objects.get()
                    .head(key)
                    .map(ObjectInfo::size)
                    .orElseThrow(() -> new NotFoundException("No object at %s", location));
        }

        @Override
        public SeekableInputStream newStream() {
            try {
                return new BytesInput(objects.get().read(key));
            } catch (ObjectMissingException e) {
                throw new NotFoundException(e, "No object at %s", location);
            }
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public boolean exists() {
            return objects.get().head(key).isPresent();
        }
    }

    private final class Output implements OutputFile {
        private final String location;
        private final ObjectKey key;

        Output(String location, ObjectKey key) {
            this.location = location;
            this.key = key;
        }

        @Override
        public PositionOutputStream create() {
            return new BytesOutput(key, location);
        }

        /// The same: a metadata file's name holds a uuid, and objects are never replaced.
        @Override
        public PositionOutputStream createOrOverwrite() {
            return create();
        }

        @Override
        public String location() {
            return location;
        }

        @Override
        public InputFile toInputFile() {
            return new Input(location, key);
        }
    }

    private static final class BytesInput extends SeekableInputStream {
        private final byte[] bytes;
        private int position;

        BytesInput(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void seek(long newPosition) {
            position = Math.toIntExact(newPosition);
        }

        @Override
        public int read() {
            return position < bytes.length ? bytes[position++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (position >= bytes.length) {
                return length == 0 ? 0 : -1;
            }
            int count = Math.min(length, bytes.length - position);
            System.arraycopy(bytes, position, target, offset, count);
            position += count;
            return count;
        }

        @Override
        public int available() {
            return Math.max(0, bytes.length - position);
        }
    }

    private final class BytesOutput extends PositionOutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final ObjectKey key;
        private final String location;
        private boolean closed;

        BytesOutput(ObjectKey key, String location) {
            this.key = key;
            this.location = location;
        }

        @Override
        public long getPos() {
            return bytes.size();
        }

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            bytes.write(source, offset, length);
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            try {
                objects.get().putIfAbsent(key, bytes.toByteArray());
            } catch (ObjectConflictException e) {
                throw new AlreadyExistsException(e, "An object is at %s already", location);
            }
        }
    }
}
