/** What we read out of an SSH configuration, against what `ssh -G` says. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configuredHosts, resolveHost, routeTo } from '../../../../src/remote/ssh/configuredHosts.js';
import { formatDestination } from '../../../../src/remote/ssh/destination.js';
import { surroundingsOf } from '../../../../src/remote/ssh/sshOptions.js';
import { SshHome } from '../../../support/sshHome.js';

const hasSsh = spawnSync('ssh', ['-V']).status === 0;
if (!hasSsh)
  console.warn('SSH configurations are not compared: ssh is not installed (package openssh-client).');

describe.skipIf(!hasSsh)('the SSH configuration', () => {
  let home: SshHome;
  beforeAll(() => {
    home = new SshHome();
    home.environment = { KO_KEYS: '/keys', SSH_AUTH_SOCK: '/agent' };
  });
  afterAll(() => {
    home.dispose();
  });

  /** The values of `ssh -G`, by keyword. */
  function oracle(name: string): (keyword: string) => string[] {
    const lines = execFileSync('ssh', ['-T', '-G', '-F', home.configPath, name], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...home.environment },
    }).split('\n');
    return (keyword) =>
      lines.filter((line) => line.startsWith(`${keyword} `)).map((line) => line.slice(keyword.length + 1));
  }

  function expectSame(name: string): void {
    const ssh = oracle(name);
    const ours = resolveHost(name, {
      configFile: home.configPath,
      homeFolder: userInfo().homedir,
      environment: home.environment,
    });
    const seconds = (value: number | undefined) => (value === undefined ? undefined : String(value / 1000));
    const unset = (values: string[], none: string) => values.find((value) => value !== none);
    expect({
      hostname: ours.hostName,
      user: ours.user,
      port: String(ours.port),
      identitiesonly: ours.identitiesOnly ? 'yes' : 'no',
      hashknownhosts: ours.hashKnownHosts ? 'yes' : 'no',
      proxyjump: ours.jumps.map((each) => formatDestination(each)).join(',') || undefined,
      connecttimeout: seconds(ours.connectTimeoutMs),
      serveraliveinterval: seconds(ours.keepAliveIntervalMs) ?? '0',
      hostkeyalias: ours.hostKeyAlias,
      proxycommand: ours.onlySystemSsh.includes('ProxyCommand'),
      numberofpasswordprompts: String(ours.passwordPrompts),
      strict: ours.unknownHostKeys,
    }).toEqual({
      hostname: ssh('hostname')[0],
      user: ssh('user')[0],
      port: ssh('port')[0],
      identitiesonly: ssh('identitiesonly')[0],
      hashknownhosts: ssh('hashknownhosts')[0],
      proxyjump: ssh('proxyjump')[0],
      connecttimeout: unset(ssh('connecttimeout'), 'none'),
      serveraliveinterval: ssh('serveraliveinterval')[0],
      hostkeyalias: ssh('hostkeyalias')[0],
      proxycommand: ssh('proxycommand').some((value) => value !== 'none'),
      numberofpasswordprompts: ssh('numberofpasswordprompts')[0],
      strict: { true: 'refuse', 'accept-new': 'accept' }[ssh('stricthostkeychecking')[0]!] ?? 'ask',
    });
    // ssh -G prints paths as they are written.
    const expand = (path: string) =>
      path
        .replace(/^~/, userInfo().homedir)
        .replaceAll('${KO_KEYS}', '/keys')
        .replaceAll('%h', ours.hostName)
        .replaceAll('%r', ours.user)
        .replaceAll('%n', ours.originalHost)
        .replaceAll('%p', String(ours.port))
        .replaceAll('%u', userInfo().username)
        .replaceAll('%d', userInfo().homedir)
        .replaceAll('%%', '%');
    expect(ours.identityFiles).toEqual(ssh('identityfile').map(expand));
    expect(ours.userKnownHosts).toEqual(ssh('userknownhostsfile')[0]!.split(' ').map(expand));
    expect(ours.globalKnownHosts).toEqual(ssh('globalknownhostsfile')[0]!.split(' '));
  }

  const CONFIGURATIONS: Record<string, { text: string; names: string[] }> = {
    'an empty one': { text: '', names: ['host', 'me@host'] },
    'the first value counts': {
      text: 'Host a\n Port 1\nHost *\n Port 2\n User u\nHost a\n User later\n Port 3\n',
      names: ['a', 'b', 'x@a'],
    },
    'values before any Host': { text: 'User first\nPort=77\nHost a\n User second\n', names: ['a'] },
    'patterns and negation': {
      text: 'Host *.lab !bad.lab\n User lab\nHost !x.lab\n User none\nHost node? 10.0.*\n Port 5\nHost *\n User rest\n',
      names: ['a.lab', 'bad.lab', 'x.lab', 'node1', 'node12', '10.0.0.9', 'LAB', 'NODE1'],
    },
    'spellings, quotes, comments': {
      text: `host  "a"   'b c' d # a comment\n  HOSTNAME = real.example # c\n\tport\t=\t2022\n IdentityFile "~/k e y"\n IdentityFile ~/with\\ space\n User "na#me"\n#Port 1\n   # Port 2\n\nHost e\n IdentityFile=~/id#1\n IdentityFile "/a\\"b"\n`,
      names: ['a', 'd', 'e', 'f'],
    },
    'several keys, each once, and tokens': {
      text: 'IdentityFile ~/.ssh/%h_%r\nHost a\n HostName %h.example\n User bob\n Port 99\n IdentityFile /keys/%n/%p/%u\n IdentityFile ~/.ssh/%h_%r\n IdentityFile %d/x%%y\n IdentityFile ${KO_KEYS}/k\n IdentitiesOnly yes\n',
      names: ['a', 'b'],
    },
    'hosts to go through': {
      text: 'Host a\n ProxyJump u@j1:22,j2,[::1]:23\nHost b\n ProxyJump none\nHost c\n ProxyCommand none\nHost d\n ProxyCommand nc %h %p\n ProxyJump j\nHost *\n ProxyJump any\n',
      names: ['a', 'b', 'c', 'd', 'e'],
    },
    'a jump before a command': {
      text: 'Host a\n ProxyJump j\n ProxyCommand nc %h %p\nHost *\n ProxyCommand nc -x %h %p\n',
      names: ['a', 'b'],
    },
    'Match by name and user': {
      text: `Host a\n HostName a.real\nMatch host *.real\n Port 10\nMatch originalhost b,c user root\n Port 11\nMatch !host a.real !user bob\n Port 12\nMatch localuser nobody-here\n Port 13\nMatch all\n User all\n`,
      names: ['a', 'b', 'bob@b', 'c', 'alice@d', 'bob@z'],
    },
    'Match final': {
      text: 'Match final host *.real\n Port 10\n IdentityFile /final\nHost a\n HostName a.real\n IdentityFile /first\nMatch final all\n User last\n',
      names: ['a', 'b'],
    },
    'times and switches': {
      text: 'Host a\n ConnectTimeout 1m30s\n ServerAliveInterval 15\n HashKnownHosts yes\n StrictHostKeyChecking accept-new\n HostKeyAlias alias\n NumberOfPasswordPrompts 1\nHost b\n ConnectTimeout 7\n StrictHostKeyChecking yes\nHost c\n StrictHostKeyChecking no\n UserKnownHostsFile /a ~/b /c/%h\n GlobalKnownHostsFile /dev/null\n',
      names: ['a', 'b', 'c'],
    },
  };

  for (const [title, { text, names }] of Object.entries(CONFIGURATIONS)) {
    test(title, () => {
      home.configure(text);
      for (const name of names) expectSame(name);
    });
  }

  test('Include: patterns, nested, inside blocks that apply and that do not', () => {
    mkdirSync(home.path('more.d'), { recursive: true });
    writeFileSync(home.path('more.d/10.conf'), 'Host a\n Port 10\n');
    writeFileSync(
      home.path('more.d/20.conf'),
      `Host a\n Port 20\n User twenty\nInclude ${home.path('deep')}\n`,
    );
    writeFileSync(home.path('more.d/.hidden'), 'Host a\n User hidden\n');
    writeFileSync(home.path('deep'), 'Host b\n User deep\n');
    writeFileSync(home.path('inner'), 'Port 7\nHost *\n User inner\n');
    home.configure(
      `Include ${home.path('more.d/*')} ${home.path('missing')}\nHost x\n Include ${home.path('inner')}\n User after\nHost *\n User end\n`,
    );
    for (const name of ['a', 'b', 'x', 'y']) expectSame(name);
    const options = { configFile: home.configPath };
    expect(configuredHosts(options).map(({ name }) => name)).toEqual(['a', 'b', 'x']);
    expect(configuredHosts(options)[1]).toEqual({ name: 'b', path: home.path('deep'), line: 1 });
  });

  test('the way through hosts that have hosts to go through', () => {
    home.configure(
      'Host t\n ProxyJump b,c\nHost b\n ProxyJump a\nHost c\n ProxyJump not-asked\nHost a\n User au\nHost loop\n ProxyJump loop2\nHost loop2\n ProxyJump loop\n',
    );
    const surroundings = surroundingsOf({ configFile: home.configPath, localUser: 'me' });
    expect(routeTo('t', surroundings).map(({ destination }) => destination)).toEqual([
      'au@a',
      'me@b',
      'me@c',
      'me@t',
    ]);
    expect(() => routeTo('loop', surroundings)).toThrow(/circle: loop is reached through itself/);
  });
});
