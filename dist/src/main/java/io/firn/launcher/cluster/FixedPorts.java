package io.firn.launcher.cluster;

import io.firn.launcher.settings.Role;

/// The ports that `firn init` writes: the usual ones for the first process of each role, a hundred
/// more for each next one, so that all fit on one machine as well.
final class FixedPorts implements Plan.Ports {
    private static final int STEP = 100;

    @Override
    public int of(Role role, int number) {
        int first =
                switch (role) {
                    case GATEWAY -> 9092;
                    case CONTROLLER -> 9093;
                    case BROKER -> 9094;
                    case CATALOG -> 8080;
                    case BACKENDS -> s3();
                    case STANDALONE ->
                            throw new IllegalArgumentException("A cluster has no standalone");
                };
        return first + STEP * (number - 1);
    }

    @Override
    public int metrics(Role role, int number) {
        int first =
                switch (role) {
                    case CONTROLLER -> 9100;
                    case BROKER -> 9101;
                    case GATEWAY -> 9102;
                    case CATALOG, BACKENDS, STANDALONE -> 0;
                };
        return first + STEP * (number - 1);
    }

    @Override
    public int postgres() {
        return 5433;
    }

    @Override
    public int s3() {
        return 9000;
    }
}
