package io.firn.log.model;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The real files behind paths of our own: whatever changes one goes through [DiskFaults]. A log
/// whose folder is such a path writes everything through it but what Kafka writes by `File` (index
/// files, snapshots, epoch checkpoints).
final class FaultyFiles extends FileSystemProvider {
    final DiskFaults faults;
    private final FileSystemProvider real;
    private final FileSystem files;

    FaultyFiles(Path somewhere, DiskFaults faults) {
        this.faults = faults;
        this.real = somewhere.getFileSystem().provider();
        this.files = new Files(this, somewhere.getFileSystem());
    }

    /// The same file, with faults.
    Path path(Path path) {
        return new FaultyPath(files, path);
    }

    static Path real(Path path) {
        return path instanceof FaultyPath ours ? ours.real() : path;
    }

    @Override
    public FileChannel newFileChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        boolean creates =
                options.contains(StandardOpenOption.CREATE)
                        || options.contains(StandardOpenOption.CREATE_NEW)
                        || options.contains(StandardOpenOption.TRUNCATE_EXISTING);
        if (!creates) {
            return new FaultyChannel(
                    real.newFileChannel(real(path), options, attributes), path, faults);
        }
        return faults.change(
                DiskFaults.Change.CREATE,
                path,
                () ->
                        new FaultyChannel(
                                real.newFileChannel(real(path), options, attributes),
                                path,
                                faults));
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
            Path folder, DirectoryStream.Filter<? super Path> filter) throws IOException {
        DirectoryStream<Path> entries = real.newDirectoryStream(real(folder), p -> true);
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> each = entries.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return each.hasNext();
                    }

                    @Override
                    public Path next() {
                        return path(each.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                entries.close();
            }
        };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        faults.change(
                DiskFaults.Change.CREATE,
                folder,
                () -> {
                    real.createDirectory(real(folder), attributes);
                    return folder;
                });
    }

    @Override
    public void delete(Path path) throws IOException {
        faults.change(
                DiskFaults.Change.DELETE,
                path,
                () -> {
                    real.delete(real(path));
                    return path;
                });
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        faults.change(
                DiskFaults.Change.CREATE,
                target,
                () -> {
                    real.copy(real(source), real(target), options);
                    return target;
                });
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        faults.change(
                DiskFaults.Change.MOVE,
                target,
                () -> {
                    real.move(real(source), real(target), options);
                    return target;
                });
    }

    @Override
    public boolean isSameFile(Path one, Path two) throws IOException {
        return real.isSameFile(real(one), real(two));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return real.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return real.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        real.checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return real.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
            Path path, Class<A> type, LinkOption... options) throws IOException {
        return real.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
            throws IOException {
        return real.readAttributes(real(path), names, options);
    }

    @Override
    public void setAttribute(Path path, String name, Object value, LinkOption... options)
            throws IOException {
        real.setAttribute(real(path), name, value, options);
    }

    @Override
    public String getScheme() {
        return "faulty";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> settings) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return files;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    private static final class Files extends FileSystem {
        private final FaultyFiles provider;
        private final FileSystem real;

        Files(FaultyFiles provider, FileSystem real) {
            this.provider = provider;
            this.real = real;
        }

        @Override
        public FileSystemProvider provider() {
            return provider;
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return real.getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return List.of(provider.path(real.getRootDirectories().iterator().next()));
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return real.getFileStores();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return real.supportedFileAttributeViews();
        }

        @Override
        public Path getPath(String first, String... more) {
            return provider.path(real.getPath(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            PathMatcher matcher = real.getPathMatcher(pattern);
            return path -> matcher.matches(FaultyFiles.real(path));
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            return real.getUserPrincipalLookupService();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }
}
