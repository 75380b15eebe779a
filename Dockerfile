# The server is one static binary; the image holds it, certificates and an empty data folder.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /onethread . \
 && mkdir -p /empty/data /empty/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /onethread /onethread
COPY --from=build --chown=65532:65532 /empty/ /
USER 65532:65532
ENV ONETHREAD_DATA=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/onethread", "health"]
ENTRYPOINT ["/onethread"]
