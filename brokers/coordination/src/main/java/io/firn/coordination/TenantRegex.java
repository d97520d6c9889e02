package io.firn.coordination;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

import org.apache.kafka.common.errors.InvalidRegularExpression;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// A tenant's regular expression over its own topic names, as one over the cluster's. The
/// coordinator matches inside names with it; that gives the same as matching the tenant's names
/// with what the tenant wrote, anchors and all, and nothing outside `<tenant>.`, whatever it
/// holds.
///
/// The tenant's text travels in it as the name of a group, so that whoever describes the group
/// reads what was written.
public final class TenantRegex {
    /// Both bound what one heartbeat may cost (G12): RE2 repeats what is repeated, so that a line
    /// of text may need a billion steps.
    static final int MAX_CHARACTERS = 2_048;

    static final int MAX_STEPS = 5_000;

    private static final String WRITTEN = "(?P<written_";
    private static final String END = ")$";

    private final String begin;

    public TenantRegex(String tenant) {
        this.begin = "^" + Pattern.quote(tenant + ".") + WRITTEN;
    }

    /// The empty expression, which ends a subscription, stays empty.
    ///
    /// @throws InvalidRegularExpression when `outside` is none, or too large
    public String inside(String outside) {
        if (outside.isEmpty()) {
            return outside;
        }
        if (outside.length() > MAX_CHARACTERS) {
            throw new InvalidRegularExpression(
                    "Cannot subscribe to a regular expression of %d characters: at most %d are allowed. Shorten it, or subscribe to a list of topics"
                            .formatted(outside.length(), MAX_CHARACTERS));
        }
        NameRegex inside = bounded(outside, NameRegex.after(bounded(outside, parse(outside))));
        StringBuilder text =
                new StringBuilder(begin)
                        .append(HexFormat.of().formatHex(outside.getBytes(StandardCharsets.UTF_8)))
                        .append('>');
        NameRegex.print(inside, text);
        return text.append(END).toString();
    }

    /// What the tenant wrote; an expression that is not ours stays as it is.
    public String outside(String inside) {
        int end = inside.indexOf('>', begin.length());
        if (!inside.startsWith(begin) || end < 0) {
            return inside;
        }
        byte[] written = HexFormat.of().parseHex(inside, begin.length(), end);
        return new String(written, StandardCharsets.UTF_8);
    }

    private static NameRegex parse(String outside) {
        try {
            return NameRegex.parse(outside);
        } catch (PatternSyntaxException e) {
            throw new InvalidRegularExpression(
                    "Cannot subscribe to the regular expression '%s': %s. Use RE2 syntax"
                            .formatted(outside, e.getDescription()));
        }
    }

    private static NameRegex bounded(String outside, NameRegex regex) {
        if (regex.steps() > MAX_STEPS) {
            throw new InvalidRegularExpression(
                    "Cannot subscribe to the regular expression '%s': with its repetitions it has %d steps, at most %d are allowed. Repeat less, or subscribe to a list of topics"
                            .formatted(outside, regex.steps(), MAX_STEPS));
        }
        return regex;
    }
}
