# One image for the service, which also carries the migrations, and for the operator.
#   docker build -t holdfast:dev .

FROM node:24-slim AS packages
WORKDIR /holdfast
COPY package.json package-lock.json ./
# Exactly what the lock names, with its hashes, and no script of any package. Optional are only copies of Node itself.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /holdfast
COPY --from=packages /holdfast/node_modules node_modules
COPY package.json ./
COPY common common
COPY service service
COPY operator operator
USER 1000
# Node itself is process 1, so that SIGTERM reaches it: no npm and no shell in between.
CMD ["node", "service/main.ts"]
