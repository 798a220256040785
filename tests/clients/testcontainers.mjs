// testcontainers-node against gantryd: its waits, networks, copies and builds. DOCKER_HOST is the daemon; "busybox" is an image there.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { GenericContainer, Network, Wait } from 'testcontainers';

import { check, eventually, fetchText, runChecks, textOf } from './checks.mjs';

const serve = ['sh', '-c', 'mkdir -p /w; echo web >/w/index.html; echo "ready to serve"; exec httpd -f -h /w -p 80'];
const busybox = () => new GenericContainer('busybox');
const idle = () => busybox().withCommand(['sleep', '1000']);

/// A container that is there while `body` runs.
async function started(container, body) {
  const running = await container.start();
  try {
    await body(running);
  } finally {
    await running.stop({ timeout: 0 });
  }
}

const urlOf = (container) => `http://${container.getHost()}:${container.getMappedPort(80)}`;

const waits = {
  'a line of the log': Wait.forLogMessage('ready to serve'),
  'the log, by a pattern': Wait.forLogMessage(/READY to \w+/i),
  'listening ports': Wait.forListeningPorts(),
  'an HTTP answer': Wait.forHttp('/', 80).forStatusCode(200),
  'a command that succeeds': Wait.forSuccessfulCommand('test -e /w/index.html'),
  'several things': Wait.forAll([Wait.forListeningPorts(), Wait.forLogMessage('ready')]),
};
for (const [name, strategy] of Object.entries(waits)) {
  check(`waits for ${name}`, () =>
    started(busybox().withCommand(serve).withExposedPorts(80).withWaitStrategy(strategy), async (container) => {
      await eventually(async () => (await fetchText(urlOf(container))) === 'web\n', 'the published port');
    }),
  );
}

check('waits for health', async () => {
  const healthCheck = { test: ['CMD-SHELL', 'test -e /ready'], interval: 100, timeout: 1000, retries: 100, startPeriod: 0 };
  const late = busybox().withCommand(['sh', '-c', 'sleep 0.3; touch /ready; exec sleep 1000']);
  await started(late.withHealthCheck(healthCheck).withWaitStrategy(Wait.forHealthCheck()), async (container) => {
    assert.equal((await container.exec(['test', '-e', '/ready'])).exitCode, 0);
  });
});

check('waits for a program that ends', async () => {
  await started(busybox().withCommand(['true']).withWaitStrategy(Wait.forOneShotStartup()), async () => {});
});

check('tells what a container said that does not start', async () => {
  const never = busybox().withCommand(['sh', '-c', 'echo no; exit 3']).withWaitStrategy(Wait.forLogMessage('yes')).withStartupTimeout(10_000);
  await assert.rejects(never.start(), /Log stream ended and message "yes" was not received/);
});

check('fixed ports, and one for each family', async () => {
  await started(busybox().withCommand(serve).withExposedPorts({ container: 80, host: 28080 }), async (container) => {
    assert.equal(container.getMappedPort(80), 28080);
    await eventually(async () => (await fetchText('http://localhost:28080')) === 'web\n', 'localhost');
  });
});

check('networks and aliases', async () => {
  const network = await new Network().start();
  await started(busybox().withCommand(serve).withNetwork(network).withNetworkAliases('web', 'site'), async (server) => {
    assert.match(server.getIpAddress(network.getName()), /^\d+\.\d+\.\d+\.\d+$/);
    await started(idle().withNetwork(network), async (client) => {
      for (const name of ['web', 'site', server.getName().replace('/', '')]) {
        await eventually(async () => (await client.exec(['wget', '-q', '-O', '-', `http://${name}`])).output === 'web\n', name);
      }
    });
  });
  await network.stop();
});

check('exec: output, exit code, environment, user', () =>
  started(idle().withEnvironment({ A: 'b' }), async (container) => {
    const result = await container.exec(['sh', '-c', 'echo $A $C; id -u; pwd; exit 5'], { env: { C: 'd' }, user: '7', workingDir: '/tmp' });
    assert.equal(result.output, 'b d\n7\n/tmp\n');
    assert.equal(result.exitCode, 5);
  }),
);

check('files in and out', async () => {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'copy-'));
  await fs.writeFile(path.join(dir, 'file'), 'from a file');
  const container = idle()
    .withCopyContentToContainer([{ content: 'early', target: '/early', mode: 0o600 }])
    .withCopyFilesToContainer([{ source: path.join(dir, 'file'), target: '/deep/down/file' }])
    .withCopyDirectoriesToContainer([{ source: dir, target: '/dir' }]);
  await started(container, async (running) => {
    await running.copyContentToContainer([{ content: 'late', target: '/late' }]);
    const { output } = await running.exec(['sh', '-c', 'cat /early; echo; cat /deep/down/file; echo; cat /dir/file; echo; cat /late; stat -c " %a" /early']);
    assert.equal(output, 'early\nfrom a file\nfrom a file\nlate 600\n');
    assert.match(await textOf(await running.copyArchiveFromContainer('/late')), /late/);
  });
  await fs.rm(dir, { recursive: true });
});

check('logs as they come', async () => {
  const lines = [];
  const talker = busybox()
    .withCommand(['sh', '-c', 'for i in 1 2 3; do echo line $i; done; exec sleep 1000'])
    .withLogConsumer((stream) => stream.on('data', (line) => lines.push(line.toString())));
  await started(talker, async (container) => {
    await eventually(() => lines.join('').includes('line 3'), 'the third line');
    const stream = await container.logs({ tail: 1 });
    await new Promise((resolve) => stream.once('data', (line) => resolve(assert.match(line.toString(), /line 3/))));
    stream.destroy();
  });
});

check('builds', async () => {
  const context = await fs.mkdtemp(path.join(os.tmpdir(), 'context-'));
  await fs.writeFile(path.join(context, 'Dockerfile'), 'FROM busybox\nARG WHO=nobody\nCOPY word /\nRUN echo $WHO >>/word\nCMD ["sh", "-c", "cat /word; exec sleep 1000"]\n');
  await fs.writeFile(path.join(context, 'word'), 'hello ');
  const image = await GenericContainer.fromDockerfile(context).withBuildArgs({ WHO: 'world' }).build('localhost/made:one', { deleteOnExit: false });
  await started(image.withWaitStrategy(Wait.forLogMessage('hello world')), async () => {});
  await fs.writeFile(path.join(context, 'Dockerfile'), 'FROM busybox\nRUN false\n');
  await assert.rejects(GenericContainer.fromDockerfile(context).build('localhost/made:bad'));
  await fs.rm(context, { recursive: true });
});

check('tells that the program of an HTTP wait has ended', async () => {
  const ends = busybox().withCommand(['sh', '-c', 'echo why; exit 1']).withExposedPorts(80);
  const never = ends.withWaitStrategy(Wait.forHttp('/', 80, { abortOnContainerExit: true })).withStartupTimeout(10_000);
  await assert.rejects(never.start(), /Container exited during HTTP healthCheck, last 50 logs: why/);
});

check('hooks see the container come', async () => {
  class Hooked extends GenericContainer {
    seen = [];
    async containerCreated(id) {
      this.seen.push(`created ${id.length}`);
    }
    async containerStarting(inspected) {
      this.seen.push(`starting ${inspected.state.status}`);
    }
    async containerStarted() {
      this.seen.push('started');
    }
  }
  const hooked = new Hooked('busybox').withCommand(['sleep', '1000']);
  await started(hooked, async () => {});
  assert.deepEqual(hooked.seen, ['created 64', 'starting running', 'started']);
});

check('what has stopped still has its files', async () => {
  const running = await idle().withAutoRemove(false).start();
  await running.exec(['sh', '-c', 'echo kept >/kept']);
  const stopped = await running.stop({ remove: false, timeout: 0 });
  assert.match(await textOf(await stopped.copyArchiveFromContainer('/kept')), /kept/);
});

check('limits, mounts, users, names', async () => {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'bind-'));
  await fs.writeFile(path.join(dir, 'file'), 'bound');
  const container = idle()
    .withName('named')
    .withHostname('host')
    .withUser('0:7')
    .withWorkingDir('/tmp')
    .withTmpFs({ '/scratch': 'rw,size=1m' })
    .withBindMounts([{ source: dir, target: '/bound', mode: 'ro' }])
    .withExtraHosts([{ host: 'other', ipAddress: '192.0.2.9' }])
    .withUlimits({ nofile: { soft: 100, hard: 200 } })
    .withResourcesQuota({ memory: 0.0625, cpu: 1 })
    .withSharedMemorySize(1 << 20)
    .withLabels({ a: 'b' });
  await started(container, async (running) => {
    const { output } = await running.exec(['sh', '-c', 'hostname; id -g; pwd; cat /bound/file; echo; ulimit -n; grep -c other /etc/hosts; touch /bound/no 2>/dev/null || echo ro; touch /scratch/yes && echo rw']);
    assert.equal(output, 'host\n7\n/tmp\nbound\n100\n1\nro\nrw\n');
    assert.equal(running.getName(), '/named');
    assert.equal(running.getLabels().a, 'b');
  });
  await fs.rm(dir, { recursive: true });
});

check('restart, commit and reuse', async () => {
  await started(busybox().withCommand(serve).withExposedPorts(80), async (container) => {
    await container.exec(['sh', '-c', 'echo again >/w/index.html']);
    await container.restart();
    await eventually(async () => (await fetchText(urlOf(container))) !== '', 'the port after the restart');
    const image = await container.commit({ repo: 'made', tag: 'two', deleteOnExit: false });
    assert.match(image, /^sha256:|^[0-9a-f]{64}$/);
  });
  const first = await idle().withReuse().start();
  const second = await idle().withReuse().start();
  assert.equal(first.getId(), second.getId());
  await second.stop({ timeout: 0 });
});

await runChecks();
