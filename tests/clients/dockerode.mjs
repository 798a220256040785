// dockerode against gantryd: what its users do, step by step. DOCKER_HOST is the daemon; "busybox" is an image there.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';

import Docker from 'dockerode';
import tar from 'tar-stream';

import { check, eventually, fetchText, runChecks, textOf } from './checks.mjs';

const docker = new Docker();
const serve = (text) => ['sh', '-c', `mkdir -p /w; echo ${text} >/w/index.html; exec httpd -f -h /w -p 80`];
const idle = ['sleep', '1000'];

/// A container that is there while `body` runs.
async function withContainer(options, body) {
  const container = await docker.createContainer({ Image: 'busybox', Cmd: idle, ...options });
  try {
    await container.start();
    await body(container);
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/// stdout and stderr of a multiplexed stream that ends.
async function demuxed(stream) {
  const out = new PassThrough(), err = new PassThrough();
  docker.modem.demuxStream(stream, out, err);
  stream.on('end', () => (out.end(), err.end()));
  stream.on('close', () => (out.end(), err.end()));
  const [first, second] = await Promise.all([textOf(out), textOf(err)]);
  return [first, second];
}

async function run(container, cmd, options = {}) {
  const exec = await container.exec({ Cmd: cmd, AttachStdout: true, AttachStderr: true, ...options });
  const [out, err] = await demuxed(await exec.start({ hijack: true, stdin: false }));
  return { out, err, code: (await exec.inspect()).ExitCode };
}

const statusOf = async (promise) => {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    return error.statusCode;
  }
};

check('the daemon says what it is', async () => {
  assert.equal((await docker.ping()).toString(), 'OK');
  const [version, info, usage] = [await docker.version(), await docker.info(), await docker.df()];
  assert.match(version.ApiVersion, /^1\.\d+$/);
  assert.equal(info.OSType, 'linux');
  assert.ok(Array.isArray(usage.Images));
});

check('networks, aliases, connect and disconnect', async () => {
  const network = await docker.createNetwork({ Name: 'lan', Labels: { made: 'here' }, IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] } });
  const EndpointsConfig = { lan: { Aliases: ['db', 'store'], IPAMConfig: { IPv4Address: '10.9.0.77' } } };
  await withContainer({ name: 'one', Cmd: serve('one'), HostConfig: { NetworkMode: 'lan' }, NetworkingConfig: { EndpointsConfig } }, async (one) => {
    const seen = (await one.inspect()).NetworkSettings.Networks.lan;
    assert.equal(seen.IPAddress, '10.9.0.77');
    assert.ok(seen.Aliases.includes('db'));
    await withContainer({ name: 'two' }, async (two) => {
      await network.connect({ Container: two.id, EndpointConfig: { Aliases: ['app'] } });
      for (const name of ['one', 'db', 'store']) {
        await eventually(async () => (await run(two, ['wget', '-q', '-O', '-', `http://${name}`])).out === 'one\n', name);
      }
      assert.equal((await run(one, ['ping', '-c', '1', 'app'])).code, 0);
      assert.equal(Object.keys((await network.inspect()).Containers).length, 2);
      assert.equal(await statusOf(network.connect({ Container: two.id })), 403);
      assert.equal(await statusOf(network.remove()), 403);
      await network.disconnect({ Container: two.id });
      assert.notEqual((await run(two, ['wget', '-q', '-O', '-', 'http://one'])).code, 0);
    });
  });
  const listed = await docker.listNetworks({ filters: { label: ['made=here'] } });
  assert.deepEqual(listed.map((n) => n.Name), ['lan']);
  await network.remove();
  assert.equal(await statusOf(network.inspect()), 404);
});

check('published ports', async () => {
  const options = { Cmd: serve('web'), ExposedPorts: { '80/tcp': {}, '81/tcp': {} }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } } };
  await withContainer(options, async (container) => {
    const ports = (await container.inspect()).NetworkSettings.Ports;
    assert.equal(ports['81/tcp'], null);
    const port = ports['80/tcp'][0].HostPort;
    await eventually(async () => (await fetchText(`http://127.0.0.1:${port}`)) === 'web\n', 'the published port');
    const [listed] = await docker.listContainers({ filters: { id: [container.id] } });
    assert.ok(listed.Ports.some((p) => p.PrivatePort === 80 && String(p.PublicPort) === port && p.Type === 'tcp'));
  });
});

check('exec: streams, exit code, stdin, a terminal', async () => {
  await withContainer({}, async (container) => {
    assert.deepEqual(await run(container, ['sh', '-c', 'echo out; echo err >&2; exit 7']), { out: 'out\n', err: 'err\n', code: 7 });
    assert.equal((await run(container, ['sh', '-c', 'echo $A; pwd; id -u'], { Env: ['A=b'], WorkingDir: '/tmp', User: '7' })).out, 'b\n/tmp\n7\n');
    const cat = await container.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true, AttachStderr: true });
    const stream = await cat.start({ hijack: true, stdin: true });
    const answer = demuxed(stream);
    stream.write('hello ');
    stream.end('there\n');
    assert.deepEqual(await answer, ['hello there\n', '']);
    const tty = await container.exec({ Cmd: ['sh', '-c', 'stty size; tty -s && echo yes'], Tty: true, AttachStdin: true, AttachStdout: true, ConsoleSize: [33, 99] });
    assert.equal(await textOf(await tty.start({ hijack: true, stdin: true, Tty: true })), '33 99\r\nyes\r\n');
    // Frames are what the start asks for, whatever the exec is.
    const framed = await container.exec({ Cmd: ['echo', 'x'], Tty: true, AttachStdout: true });
    assert.deepEqual(await demuxed(await framed.start({ hijack: true, stdin: true })), ['x\r\n', '']);
    // A terminal has no half to close: who has said everything does not wait for its program.
    const open = await container.exec({ Cmd: ['cat'], Tty: true, AttachStdin: true, AttachStdout: true });
    const typed = await open.start({ hijack: true, stdin: true, Tty: true });
    typed.end();
    assert.equal(await textOf(typed), '');
    assert.equal((await open.inspect()).Running, true);
    const missing = await container.exec({ Cmd: ['nosuch'], AttachStdout: true, AttachStderr: true });
    const status = await statusOf(missing.start({}).then(textOf));
    assert.ok([400, 'no error'].includes(status), String(status));
    await eventually(async () => [126, 127].includes((await missing.inspect()).ExitCode), 'the exit code of what is missing');
  });
});

check('attach before the start, stdin, half-close, wait', async () => {
  const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sh', '-c', 'cat; echo done >&2; exit 3'], OpenStdin: true, StdinOnce: true, AttachStdin: true });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
  const answer = demuxed(stream);
  const ended = container.wait({ condition: 'next-exit' });
  await container.start();
  stream.end('typed\n');
  assert.deepEqual(await answer, ['typed\n', 'done\n']);
  assert.equal((await ended).StatusCode, 3);
  await container.remove();
  const output = new PassThrough();
  const text = textOf(output);
  const [result, ran] = await docker.run('busybox', ['sh', '-c', 'echo run; exit 4'], output, { Tty: false, HostConfig: { AutoRemove: false } });
  output.end();
  assert.equal(result.StatusCode, 4);
  assert.equal((await text).slice(8), 'run\n'); // as it comes: in a frame
  await ran.remove();
});

check('logs: at once, followed, with times and a tail', async () => {
  await withContainer({ Cmd: ['sh', '-c', 'echo one; echo two >&2; sleep 0.2; echo three'] }, async (container) => {
    const followed = await demuxed(await container.logs({ follow: true, stdout: true, stderr: true }));
    assert.deepEqual(followed, ['one\nthree\n', 'two\n']);
    const all = await container.logs({ stdout: true, tail: 1, timestamps: true });
    assert.match(all.subarray(8).toString(), /^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/);
  });
});

check('health, by inspect and by events', async () => {
  const since = Math.floor(Date.now() / 1000);
  const Healthcheck = { Test: ['CMD', 'test', '-e', '/ready'], Interval: 50_000_000, Retries: 1 };
  await withContainer({ Healthcheck }, async (container) => {
    await eventually(async () => (await container.inspect()).State.Health.Status === 'unhealthy', 'unhealthy');
    await run(container, ['touch', '/ready']);
    await eventually(async () => (await container.inspect()).State.Health.Status === 'healthy', 'healthy');
    const filters = { container: [container.id], event: ['health_status'] };
    const events = await textOf(await docker.getEvents({ since, until: Math.floor(Date.now() / 1000) + 1, filters: JSON.stringify(filters) }));
    assert.match(events, /health_status: unhealthy[\s\S]*health_status: healthy/);
  });
});

check('files in and out', async () => {
  await withContainer({}, async (container) => {
    const pack = tar.pack();
    pack.entry({ name: 'dir/file', mode: 0o640 }, 'content');
    pack.finalize();
    await container.putArchive(pack, { path: '/tmp' });
    assert.equal((await run(container, ['sh', '-c', 'cat /tmp/dir/file; stat -c " %a" /tmp/dir/file'])).out, 'content 640\n');
    const names = {};
    const extract = tar.extract();
    extract.on('entry', async (header, stream, next) => {
      names[header.name] = await textOf(stream);
      next();
    });
    const done = new Promise((resolve) => extract.on('finish', resolve));
    (await container.getArchive({ path: '/tmp/dir' })).pipe(extract);
    await done;
    assert.equal(names['dir/file'], 'content');
    const stat = await container.infoArchive({ path: '/tmp/dir/file' });
    assert.ok(stat.headers?.['x-docker-container-path-stat'] ?? true);
    assert.equal(await statusOf(container.getArchive({ path: '/nosuch' })), 404);
    assert.ok((await container.changes()).some((change) => change.Path === '/tmp/dir/file'));
  });
});

check('build, tag, save, load, commit, remove', async () => {
  const context = await fs.mkdtemp(path.join(os.tmpdir(), 'context-'));
  await fs.writeFile(path.join(context, 'Dockerfile'), 'FROM busybox\nARG WHO\nCOPY word /word\nRUN echo "$WHO" >>/word\nLABEL made=here\nCMD ["cat", "/word"]\n');
  await fs.writeFile(path.join(context, 'word'), 'hello ');
  const follow = (stream) => new Promise((resolve, reject) => docker.modem.followProgress(stream, (error, list) => (error ? reject(error) : resolve(list))));
  const built = await follow(await docker.buildImage({ context, src: ['Dockerfile', 'word'] }, { t: 'made:one', buildargs: { WHO: 'world' } }));
  assert.ok(built.some((line) => line.aux?.ID?.startsWith('sha256:')));
  const refused = await follow(await docker.buildImage({ context, src: ['Dockerfile'] }, { t: 'made:bad' }));
  assert.match(refused.at(-1).errorDetail.message, /COPY failed/);
  await withContainer({ Image: 'made:one', Cmd: undefined }, async (container) => {
    await container.wait();
    assert.equal((await container.logs({ stdout: true })).subarray(8).toString(), 'hello world\n');
    await container.commit({ repo: 'made', tag: 'two', changes: 'ENV A=b' });
  });
  assert.deepEqual((await docker.getImage('made:two').inspect()).Config.Env.at(-1), 'A=b');
  await docker.getImage('made:one').tag({ repo: 'other', tag: 'name' });
  const file = path.join(context, 'saved.tar');
  await fs.writeFile(file, await docker.getImage('other:name').get());
  await docker.getImage('other:name').remove();
  assert.equal(await statusOf(docker.getImage('other:name').inspect()), 404);
  await follow(await docker.loadImage((await fs.open(file)).createReadStream()));
  assert.ok((await docker.getImage('other:name').history()).length > 1);
  for (const name of ['made:one', 'made:two', 'other:name']) await docker.getImage(name).remove({ force: true });
  await fs.rm(context, { recursive: true });
});

check('volumes', async () => {
  const volume = await docker.createVolume({ Name: 'data', Labels: { made: 'here' } });
  assert.equal(volume.name ?? volume.Name, 'data');
  const Binds = ['data:/data'];
  await withContainer({ HostConfig: { Binds } }, (container) => run(container, ['sh', '-c', 'echo kept >/data/file']));
  await withContainer({ HostConfig: { Binds } }, async (container) => {
    assert.equal((await run(container, ['cat', '/data/file'])).out, 'kept\n');
    assert.equal(await statusOf(docker.getVolume('data').remove()), 409);
  });
  const { Volumes } = await docker.listVolumes({ filters: { label: ['made=here'] } });
  assert.deepEqual(Volumes.map((v) => v.Name), ['data']);
  await docker.getVolume('data').remove();
  assert.equal(await statusOf(docker.getVolume('data').inspect()), 404);
});

check('events as they happen', async () => {
  const stream = await docker.getEvents({ filters: { type: ['container'] } });
  const seen = [];
  stream.on('data', (piece) => {
    for (const line of piece.toString().trim().split('\n')) seen.push(JSON.parse(line).Action);
  });
  await withContainer({ Cmd: ['true'] }, (container) => container.wait());
  await eventually(() => seen.includes('destroy'), 'destroy');
  stream.destroy();
  assert.deepEqual(seen, ['create', 'start', 'die', 'destroy']);
});

check('what else containers do', async () => {
  await withContainer({ name: 'box', Labels: { a: 'b' } }, async (container) => {
    assert.equal(await statusOf(docker.createContainer({ name: 'box', Image: 'busybox', Cmd: idle })), 409);
    assert.equal(await statusOf(docker.createContainer({ Image: 'nosuch:image', Cmd: idle })), 404);
    assert.equal(await statusOf(container.start()), 304);
    assert.ok((await container.top()).Processes.length === 1);
    const stats = await container.stats({ stream: false });
    assert.ok(stats.memory_stats.usage > 0 && stats.networks.eth0);
    await container.pause();
    assert.equal((await container.inspect()).State.Paused, true);
    await container.unpause();
    await container.update({ Memory: 64 << 20, MemorySwap: 64 << 20 });
    assert.equal((await container.inspect()).HostConfig.Memory, 64 << 20);
    await container.rename({ name: 'crate' });
    const [listed] = await docker.listContainers({ filters: { label: ['a=b'], status: ['running'] } });
    assert.deepEqual(listed.Names, ['/crate']);
    await container.restart({ t: 0 });
    await container.kill({ signal: 'SIGKILL' });
    await container.wait();
    assert.equal((await container.inspect()).State.ExitCode, 137);
    assert.equal(await statusOf(container.stop()), 304);
    assert.equal(await statusOf(container.kill()), 409);
  });
  assert.deepEqual((await docker.pruneContainers()).ContainersDeleted ?? [], []);
});

await runChecks();
