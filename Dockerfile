# The whole base may be pinned: --build-arg BASE=node:26-trixie-slim@sha256:...
ARG BASE=node:26-trixie-slim

FROM ${BASE} AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# The secret is optional: a registry or certificates of your own, without a trace in the image.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev

# Node runs the sources as they are; without types it starts in half the time and in half the memory.
FROM ${BASE} AS app
WORKDIR /app
COPY image ./image
COPY src ./src
RUN node --disable-warning=ExperimentalWarning image/strip.mjs src

# Debian's iPXE serves until a fetch has succeeded: a host without internet boots all the same.
FROM ${BASE} AS loaders
WORKDIR /tmp/ipxe
RUN apt-get update && apt-get -o APT::Sandbox::User=root download ipxe && dpkg-deb -x ipxe_*.deb . \
 && mkdir -p /loaders && cp -L --target-directory=/loaders usr/share/doc/ipxe/copyright usr/lib/ipxe/undionly.kpxe \
    usr/lib/ipxe/snponly.efi usr/lib/ipxe/ipxe.efi usr/lib/ipxe/ipxe-arm64.efi

# `--target demo`, what the profile demo starts: QEMU, and a small Linux for its machine. Not in the appliance's image.
FROM ${BASE} AS demo-system
COPY demo/system /tmp/system
RUN apt-get update && /tmp/system/make /demo

FROM ${BASE} AS demo
RUN apt-get update \
 && apt-get install -y --no-install-recommends iproute2 "qemu-system-$(dpkg --print-architecture | sed 's/amd64/x86/; s/arm64/arm/')" \
 && apt-get clean && rm -rf /var/lib/apt/lists/* /usr/share/doc /usr/share/man \
 && mkdir -p /etc/qemu && echo 'allow remoteboot0' >/etc/qemu/bridge.conf
COPY --from=demo-system /demo /demo
ENV IMAGES_DIR=/images
WORKDIR /app
COPY package.json entrypoint ./
COPY src ./src
COPY demo ./demo
ENTRYPOINT ["/app/entrypoint"]
CMD ["demo"]

FROM ${BASE}
# One arena of malloc: each thread that has ended would leave a part of its own behind, 8 MB in all.
ENV NODE_ENV=production IMAGES_DIR=/images STATE_DIR=/state MALLOC_ARENA_MAX=1
WORKDIR /app
# For the doctor, who reads the host's packet filter.
RUN apt-get update && apt-get install -y --no-install-recommends nftables iptables \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*.log /usr/share/doc/*/changelog* /usr/share/man
COPY --from=loaders /loaders /usr/lib/ipxe
COPY --from=modules /app/node_modules ./node_modules
COPY package.json entrypoint ./
COPY image/health.cjs ./image/
COPY --from=app /app/src ./src
# What the page tells of a diagnosis, where there is no internet.
COPY docs/troubleshooting.md ./docs/
RUN install -d -o node -g node /images /state
ENTRYPOINT ["/app/entrypoint"]
