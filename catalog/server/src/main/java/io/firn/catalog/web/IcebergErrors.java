package io.firn.catalog.web;

import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.objectstore.ObjectStoreException;

import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.UnprocessableEntityException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.rest.responses.ErrorResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Exceptions as the Iceberg REST specification wants to see them.
final class IcebergErrors {
    private static final Logger LOG = LoggerFactory.getLogger(IcebergErrors.class);

    private IcebergErrors() {}

    static ErrorResponse of(Throwable e) {
        int status = RequestErrors.status(e).orElseGet(() -> status(e));
        if (status >= 500 && !(e instanceof TableTurns.BusyException)) { // as often as clients like
            LOG.warn("A request to the Iceberg catalog failed", e);
        }
        return of(
                status,
                e.getClass().getSimpleName(),
                e.getMessage() == null ? e.toString() : e.getMessage());
    }

    static ErrorResponse of(int status, String type, String message) {
        return ErrorResponse.builder()
                .responseCode(status)
                .withType(type)
                .withMessage(message)
                .build();
    }

    /// An object that the catalog's own metadata names and that is not there is no fault of the
    /// request's: it is a 500, like everything that is not listed.
    private static int status(Throwable e) {
        return switch (e) {
            case NoSuchTableException x -> 404;
            case NoSuchNamespaceException x -> 404;
            case AlreadyExistsException x -> 409;
            case NamespaceNotEmptyException x -> 409;
            case CommitFailedException x -> 409;
            case ForbiddenException x -> 403;
            case UnprocessableEntityException x -> 422;
            case BadRequestException x -> 400;
            case ValidationException x -> 400;
            case UnsupportedOperationException x -> 406;
            case TableTurns.BusyException x -> 503;
            case BackendUnavailableException x -> 503;
            case ObjectStoreException x -> 503;
            case IllegalArgumentException x -> 400;
            default -> 500;
        };
    }
}
