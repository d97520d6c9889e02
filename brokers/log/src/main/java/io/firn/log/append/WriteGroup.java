package io.firn.log.append;

import io.firn.log.journal.Journal;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.partition.OwnedLog;
import io.firn.log.partition.Work;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// What one journal write makes durable, and who waits for it (L3). Filled by the log thread, then
/// finished by whoever wrote it.
public final class WriteGroup {
    private final List<Work> works = new ArrayList<>();
    private final Set<OwnedLog> logs = new LinkedHashSet<>();
    private final Map<OwnedLog, LogCheckpoint> reached = new LinkedHashMap<>();
    private final List<Appender.Answer> answers = new ArrayList<>();
    private int batches;
    private long bytes;
    private long waitingBytes;
    private boolean ended;
    private boolean marked;
    private boolean full;
    private Journal.@Nullable Sealed sealed;

    void take(List<Work> drain) {
        works.addAll(drain);
        for (Work work : drain) {
            logs.add(work.log());
            waitingBytes += work.bytes();
            marked |= work instanceof Work.Mark;
        }
    }

    /// These go into the next group, and nothing more into this one.
    void giveBack(List<Work> back) {
        full = true;
        works.removeAll(Set.copyOf(back));
        marked = works.stream().anyMatch(Work.Mark.class::isInstance);
        for (Work work : back) {
            waitingBytes -= work.bytes();
        }
    }

    /// Under the log's lock: where it stands when this group is durable.
    void reaches(OwnedLog log, @Nullable LogCheckpoint checkpoint) {
        if (checkpoint != null) {
            reached.put(log, checkpoint);
        }
    }

    /// Nothing is added from here on.
    ///
    /// @param entries null when there is nothing to write
    void close(Appender appender, Journal.@Nullable Sealed entries) {
        answers.addAll(appender.takeAnswers());
        batches = appender.takeBatches();
        bytes = appender.takeBytes();
        sealed = entries;
    }

    Journal.@Nullable Sealed sealed() {
        return sealed;
    }

    Set<OwnedLog> logs() {
        return logs;
    }

    boolean full() {
        return full;
    }

    /// Whether it ends with a mark, whose effect comes before anything that follows (L6).
    boolean marked() {
        return marked;
    }

    int batches() {
        return batches;
    }

    long bytes() {
        return bytes;
    }

    /// What it holds of memory until it is finished (L10).
    long waitingBytes() {
        return waitingBytes;
    }

    /// It and all groups before it are durable: ends move, marks take effect, answers go out.
    void complete() {
        reached.forEach(OwnedLog::committed);
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (Work work : works) {
            if (work instanceof Work.Checkpoint newer) {
                newer.log().sealed(newer.checkpoint());
                done.add(newer.done());
            } else if (work instanceof Work.Mark mark && takesEffect(mark)) {
                done.add(mark.done());
            }
        }
        end(); // whoever hears an answer finds its log idle
        done.forEach(each -> each.complete(null));
        for (Appender.Answer answer : answers) {
            String broken = answer.to().log().life.brokenReason();
            if (broken != null) {
                answer.to().refuse(broken); // L3: its part of the group is not acknowledged
            } else {
                answer.to().done().complete(answer.with());
            }
        }
    }

    /// Those of deletions move no folder themselves: see [Deletions].
    private static boolean takesEffect(Work.Mark mark) {
        try {
            mark.effect().run();
            return true;
        } catch (RuntimeException e) {
            mark.done().completeExceptionally(e);
            return false;
        }
    }

    /// Nothing of it is in flight any more. May be called again.
    void end() {
        if (!ended) {
            ended = true;
            works.forEach(work -> work.log().life.finished());
        }
    }

    /// L4: nothing of it is acknowledged.
    public void fail(@Nullable String why) {
        Work.fail(works, why);
    }
}
