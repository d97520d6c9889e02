package io.firn.launcher;

import picocli.CommandLine.IVersionProvider;

/// What `firn --version` prints.
final class FirnVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = FirnMain.class.getPackage().getImplementationVersion();
        return new String[] {
            "Firn " + (version == null ? "(development)" : version), "Java " + Runtime.version()
        };
    }
}
