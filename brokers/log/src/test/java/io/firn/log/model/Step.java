package io.firn.log.model;

/// One step of a sequence. It does what is possible when its turn comes, so that any of its
/// neighbours may be left out.
///
/// @param seed of everything else that it draws
/// @param faultAt how many changes of the disk still work
record Step(Action action, int slot, long seed, DiskFaults.Kind fault, int faultAt) {
    @Override
    public String toString() {
        String what = "%s(%d, %dL)".formatted(action, slot, seed);
        return fault == DiskFaults.Kind.NOTHING ? what : what + " " + fault + " at " + faultAt;
    }
}
