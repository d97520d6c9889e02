package io.firn.coordination;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

import org.apache.kafka.common.errors.InvalidRegularExpression;

/// A tenant's regular expression over its own topic names, as one over the cluster's: it can match
/// nothing outside `<tenant>.`, whatever it holds.
public final class TenantRegex {
    private static final String END = ")$";

    private final String begin;

    public TenantRegex(String tenant) {
        this.begin = "^" + Pattern.quote(tenant + ".") + "(?:";
    }

    /// The empty expression, which ends a subscription, stays empty.
    ///
    /// @throws InvalidRegularExpression when `outside` is none by itself, so that no bracket of it
    ///     can close ours
    public String inside(String outside) {
        if (outside.isEmpty()) {
            return outside;
        }
        String inside = begin + outside + END;
        try {
            Pattern.compile(outside);
            Pattern.compile(inside);
        } catch (PatternSyntaxException e) {
            throw new InvalidRegularExpression(
                    "Cannot subscribe to the regular expression '%s': %s. Use RE2 syntax"
                            .formatted(outside, e.getDescription()));
        }
        return inside;
    }

    /// What the tenant wrote; an expression that is not ours stays as it is.
    public String outside(String inside) {
        if (inside.startsWith(begin) && inside.endsWith(END)) {
            return inside.substring(begin.length(), inside.length() - END.length());
        }
        return inside;
    }
}
