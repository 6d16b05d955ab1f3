# syntax=docker/dockerfile:1
# tcpscope in an image without a shell, a package manager or root:
#
#     docker build -t tcpscope .
#     docker run --rm -v "$PWD:/data:ro" tcpscope trace.pcap
#     tcpdump -U -w - | docker run --rm -i tcpscope packets -

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Without scripts: nothing that a package brings is run, and dist/ is built below.
RUN ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
COPY . .
RUN ["npm", "run", "build"]
RUN ["npm", "prune", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]

FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.title="tcpscope" \
      org.opencontainers.image.description="TCP trace analyzer" \
      org.opencontainers.image.source="https://github.com/tcpscope/tcpscope" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/package.json /build/LICENSE ./
COPY --from=build /build/bin ./bin
COPY --from=build /build/dist ./dist
COPY --from=build /build/schema ./schema
COPY --from=build /build/node_modules ./node_modules
# A number, so that a cluster that asks for a user other than root can see that it is none.
USER 65532:65532
WORKDIR /data
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/tcpscope.js"]
CMD ["--help"]
