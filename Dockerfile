# One image for the service, which also carries the migrations, and for the operator.
#   docker build -t holdfast:dev .

FROM node:24-slim AS packages
WORKDIR /holdfast
COPY package.json package-lock.json ./
# Exactly what the lock names, with its hashes, and no script of any package. One of the packages is Node itself: the image runs the
# very build that the tests ran with, whatever the tag of the base means today, and not one without TypeScript.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && cp -L node_modules/.bin/node /node \
  && rm -rf node_modules/node-linux-* node_modules/.bin

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /holdfast
COPY --from=packages /node /usr/local/bin/node
COPY --from=packages /holdfast/node_modules node_modules
COPY package.json ./
COPY common common
COPY service service
COPY operator operator
USER 1000
# Node itself is process 1, so that SIGTERM reaches it: no npm and no shell in between.
CMD ["node", "service/main.ts"]
