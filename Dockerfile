# One image for every service; the command says which one it is. Base images are named by the arguments,
# so that they can be pinned by digest: --build-arg PYTHON_IMAGE=python:3.13-slim@sha256:...
ARG PYTHON_IMAGE=python:3.13-slim

# --- what has to be installed, apart from our own code: rebuilt only when the lock changes
FROM ${PYTHON_IMAGE} AS packages
COPY requirements/runtime.txt /tmp/runtime.txt
RUN python3 -m venv /opt/fleet/venv \
 && /opt/fleet/venv/bin/pip install --no-cache-dir --no-input --disable-pip-version-check \
      --require-hashes --no-deps --only-binary=:all: -r /tmp/runtime.txt \
 && /opt/fleet/venv/bin/pip uninstall -y -q pip

# --- RQ's own dashboard, with packages of its own
FROM ${PYTHON_IMAGE} AS rq-dashboard-packages
COPY requirements/rq-dashboard.txt /tmp/rq-dashboard.txt
RUN python3 -m venv /opt/fleet/venv \
 && /opt/fleet/venv/bin/pip install --no-cache-dir --no-input --disable-pip-version-check \
      --require-hashes --no-deps -r /tmp/rq-dashboard.txt \
 && /opt/fleet/venv/bin/pip uninstall -y -q pip

# --- a machine with a user who owns nothing but the folders that volumes are mounted on
FROM ${PYTHON_IMAGE} AS machine
RUN groupadd --gid 10001 fleet \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin fleet \
 && mkdir -p /run/fleet /srv/fleet \
 && for service in relay ingress worker git sweeper init connector dashboard canary grafana redis proxy \
      data prometheus-data grafana-data; do \
      mkdir "/srv/fleet/$service"; done \
 && chown -R 10001:10001 /run/fleet /srv/fleet \
 && chmod -R 700 /run/fleet /srv/fleet
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONSAFEPATH=1
USER 10001:10001
WORKDIR /

FROM machine AS rq-dashboard
COPY --from=rq-dashboard-packages /opt/fleet/venv /opt/fleet/venv
COPY deploy/rq-dashboard/dashboard.py deploy/rq-dashboard/rq_settings.py /opt/fleet/
# `docker compose exec rq-dashboard rq info`: RQ's command knows Redis by itself.
ENV PATH=/opt/fleet/venv/bin:$PATH PYTHONPATH=/opt/fleet RQ_CONFIG=rq_settings
EXPOSE 9181
ENTRYPOINT ["/opt/fleet/venv/bin/python", "/opt/fleet/dashboard.py"]

FROM machine AS gateway
COPY --from=packages /opt/fleet/venv /opt/fleet/venv
COPY cli /opt/fleet/source/cli
COPY config /opt/fleet/source/config
COPY domain /opt/fleet/source/domain
COPY ingress /opt/fleet/source/ingress
COPY relay /opt/fleet/source/relay
COPY store /opt/fleet/source/store
COPY workers /opt/fleet/source/workers
COPY deploy/fleet /usr/local/bin/fleet
USER 0
# The root is read-only later: what Python would compile at each start is compiled here.
RUN /opt/fleet/venv/bin/python -m compileall -q /opt/fleet/source
USER 10001:10001
ENV PATH=/opt/fleet/venv/bin:$PATH \
    PYTHONPATH=/opt/fleet/source \
    FLEET_STATE_DIR=/run/fleet \
    FLEET_SECRETS_DIR=/run/fleet \
    FLEET_INGRESS_HOST=0.0.0.0 \
    FLEET_RELAY_HOST=0.0.0.0 \
    FLEET_METRICS_HOST=0.0.0.0 \
    FLEET_METRICS_PORT=9464
EXPOSE 8080 8081
ENTRYPOINT ["fleet"]
CMD ["--help"]
