# One image for every reconciler; the command chooses it: run kafka, run elasticsearch.
# The base must bring node 24; the build base npm, too. Both may be another image: --build-arg BASE=…
ARG BASE=node:24-bookworm-slim
ARG BUILD_BASE=${BASE}

FROM ${BUILD_BASE} AS build
WORKDIR /build
# The dependencies first: they change less often than the sources.
COPY package.json package-lock.json .npmrc ./
# A cache, where the builder lends one, is taken at its word.
RUN npm ci --prefer-offline
COPY tsconfig.json ./
COPY src src
COPY reconcilers reconcilers
# A fresh dist/, so that no chunk of an older bundle is in it.
RUN node src/bootstrap.mjs --build

FROM ${BASE}
# A test holds the version to that of package.json.
ARG VERSION=0.1.0
# Whoever publishes the image knows these two: its repository and commit.
ARG SOURCE=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="infometis" \
      org.opencontainers.image.description="Keeps Kafka topics, Elasticsearch indices, NiFi flows and Grafana as Git says they should be" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY LICENSE /app/
# Source maps, too: NODE_OPTIONS=--enable-source-maps makes a stack readable.
COPY --from=build /build/dist/main.mjs /build/dist/main.mjs.map /app/
COPY --from=build /build/dist/chunks /app/chunks
WORKDIR /app
# By number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080
# For Docker and compose; Kubernetes has its own probes, and an OCI image none.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "require('node:http').get({ port: process.env.HTTP_PORT || 8080, path: '/health' }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
# No shell in between: signals reach node.
ENTRYPOINT ["node", "/app/main.mjs"]
