package io.firn.controller.request;

import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.metadata.BrokerRegistration;
import org.jspecify.annotations.Nullable;

import java.util.Set;

/// The brokers that are registered, as the controller's own copy of the log says.
public final class Registrations implements MetadataPublisher {
    private volatile MetadataImage image = MetadataImage.EMPTY;

    @Nullable BrokerRegistration broker(int id) {
        return image.cluster().broker(id);
    }

    Set<Integer> ids() {
        return image.cluster().brokers().keySet();
    }

    @Override
    public String name() {
        return "Registrations";
    }

    @Override
    public void onMetadataUpdate(
            MetadataDelta delta, MetadataImage newImage, LoaderManifest manifest) {
        image = newImage;
    }
}
