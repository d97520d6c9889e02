package io.firn.benchmarks.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Shares of CPU by what it was spent on, from collapsed stacks (`frame;frame;frame count`).
///
/// A stack counts once: for the first kind whose pattern one of its frames matches, else for the
/// package of Firn, or of a library, that is nearest to its top.
public final class Shares {
    private static final Map<String, Predicate<String>> KINDS = kinds();
    private static final Pattern PACKAGE =
            Pattern.compile("^((?:io/firn|org/apache/kafka|io/netty|kafka)/[a-z/0-9]*[a-z0-9])/");

    private final Map<String, Long> samples = new LinkedHashMap<>();
    private final Map<String, Long> tops = new LinkedHashMap<>();
    private long total;

    private static Map<String, Predicate<String>> kinds() {
        var kinds = new LinkedHashMap<String, Predicate<String>>();
        kinds.put("JIT compiler", find("CompileBroker::|C[12] Compiler|C2Compiler"));
        kinds.put(
                "garbage collection",
                find(
                        "G1[A-Z]\\w+Task|GangWorker|WorkerThread::run|G1ServiceThread|ConcurrentGCThread"));
        kinds.put("file sync", find("(?:do|vfs)_f(?:data)?sync|ext4_sync_file|SyncRangeOf"));
        kinds.put("file write, O_DIRECT", find("iomap_dio_|ext4_dio_write"));
        kinds.put(
                "file write, page cache",
                find("ext4_buffered_write|ext4_da_write|generic_perform_write"));
        kinds.put("file read", find("filemap_read|ext4_file_read_iter"));
        kinds.put("sendfile", find("do_sendfile|splice_direct"));
        kinds.put("socket receive", find("tcp_recvmsg|__sys_recvfrom|sock_recvmsg"));
        kinds.put("socket send", find("tcp_sendmsg|sock_sendmsg|__sys_sendto"));
        kinds.put(
                "waiting and waking (epoll, futex, eventfd)",
                find("epoll_wait|do_futex|futex_w|eventfd_|__schedule|finish_task_switch"));
        kinds.put("decompression", find("[Zz]std|lz4|Lz4|LZ4|Snappy|Inflat"));
        kinds.put("CRC", find("CRC32C|crc32c"));
        kinds.put("memory copy", find("memcpy|memmove|arraycopy|copyMemory|CopyMemory"));
        return kinds;
    }

    private static Predicate<String> find(String regex) {
        return Pattern.compile(regex).asPredicate();
    }

    public static Shares of(List<String> collapsed) {
        var shares = new Shares();
        for (String line : collapsed) {
            int space = line.lastIndexOf(' ');
            if (space > 0) {
                shares.add(line.substring(0, space), Long.parseLong(line.substring(space + 1)));
            }
        }
        return shares;
    }

    private void add(String stack, long count) {
        total += count;
        samples.merge(kind(stack), count, Long::sum);
        tops.merge(stack.substring(stack.lastIndexOf(';') + 1), count, Long::sum);
    }

    static String kind(String stack) {
        for (Map.Entry<String, Predicate<String>> kind : KINDS.entrySet()) {
            if (kind.getValue().test(stack)) {
                return kind.getKey();
            }
        }
        String[] frames = stack.split(";");
        for (int i = frames.length - 1; i >= 0; i--) {
            var matcher = PACKAGE.matcher(frames[i]);
            if (matcher.find()) {
                return matcher.group(1).replace('/', '.');
            }
        }
        return "else";
    }

    /// Two Markdown tables: kinds, and the functions in which most of the time was spent.
    public String table(int rows) {
        var lines = new ArrayList<String>();
        lines.add("| CPU spent on | share |");
        lines.add("|---|---|");
        top(samples, rows).forEach(line -> lines.add(line));
        lines.add("");
        lines.add("| In the function itself | share |");
        lines.add("|---|---|");
        top(tops, rows).forEach(line -> lines.add(line));
        return String.join("\n", lines) + "\n";
    }

    private List<String> top(Map<String, Long> counts, int rows) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(rows)
                .map(
                        e ->
                                String.format(
                                        Locale.ROOT,
                                        "| %s | %.1f %% |",
                                        e.getKey(),
                                        100.0 * e.getValue() / Math.max(1, total)))
                .toList();
    }
}
