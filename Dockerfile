# The whole base may be pinned: --build-arg BASE=node:26-trixie-slim@sha256:...
ARG BASE=node:26-trixie-slim

FROM ${BASE} AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# The secret is optional: a registry or certificates of your own, without a trace in the image.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev

# Debian's iPXE serves until a fetch has succeeded: a host without internet boots all the same.
FROM ${BASE} AS loaders
WORKDIR /tmp/ipxe
RUN apt-get update && apt-get -o APT::Sandbox::User=root download ipxe && dpkg-deb -x ipxe_*.deb . \
 && mkdir -p /loaders && cp -L --target-directory=/loaders usr/share/doc/ipxe/copyright usr/lib/ipxe/undionly.kpxe \
    usr/lib/ipxe/snponly.efi usr/lib/ipxe/ipxe.efi usr/lib/ipxe/ipxe-arm64.efi

FROM ${BASE}
ENV NODE_ENV=production IMAGES_DIR=/images STATE_DIR=/state
WORKDIR /app
COPY --from=loaders /loaders /usr/lib/ipxe
COPY --from=modules /app/node_modules ./node_modules
COPY package.json entrypoint ./
COPY src ./src
RUN install -d -o node -g node /images /state
ENTRYPOINT ["/app/entrypoint"]
