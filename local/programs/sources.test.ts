import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newestSources, newestSuite, ownSources, parseDeb822, parseOneLine, parseRelease, renderSources } from './sources.ts';

const DEBIAN = parseRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n');

const SOURCES = `Types: deb deb-src
# a comment in the middle
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://other.example/node_20.x
Suites: nodistro
Components: main
`;

test('a derivative names the release whose packages it uses', () => {
  assert.deepEqual(DEBIAN, { id: 'debian', family: ['debian'], codename: 'bookworm' });
  assert.deepEqual(parseRelease('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n'), {
    id: 'linuxmint',
    family: ['linuxmint', 'ubuntu', 'debian'],
    codename: 'noble',
  });
});

test('the unstable suite comes from the mirror of the machine, signed as that one is', () => {
  assert.deepEqual(newestSources(DEBIAN, parseDeb822(SOURCES)), [
    {
      uris: ['http://mirror.example/debian'],
      suites: ['unstable'],
      components: ['main', 'contrib'],
      options: { 'Signed-By': '/usr/share/keyrings/debian-archive-keyring.gpg' },
    },
  ]);
});

test('only sources of the own release are asked, not those that are off or of other projects', () => {
  assert.deepEqual(
    ownSources(DEBIAN, parseDeb822(SOURCES)).map(({ uris, suites }) => [uris, suites]),
    [
      [['http://mirror.example/debian'], ['bookworm', 'bookworm-updates']],
      [['http://mirror.example/debian-security'], ['bookworm-security']],
    ],
  );
});

test('the one-line form is read with its options', () => {
  const lines = `# deb http://off.example/debian bookworm main
deb [arch=amd64,arm64 signed-by=/k.gpg] http://mirror.example/debian bookworm main non-free # comment
deb-src http://mirror.example/debian bookworm main
`;
  assert.deepEqual(parseOneLine(lines), [
    { uris: ['http://mirror.example/debian'], suites: ['bookworm'], components: ['main', 'non-free'], options: { Architectures: 'amd64 arm64', 'Signed-By': '/k.gpg' } },
  ]);
});

test('a key that stands in the file itself survives reading and writing', () => {
  const text = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3K87ZM18gzyQZJD+w
 -----END PGP PUBLIC KEY BLOCK-----
`;
  const rendered = renderSources(parseDeb822(text));
  assert.match(rendered, /^Signed-By: *\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n \.\n mQIN/m);
  assert.deepEqual(parseDeb822(rendered), parseDeb822(text));
});

test('Ubuntu calls its newest suite devel', () => {
  assert.equal(newestSuite(parseRelease('ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\n')), 'devel');
  assert.equal(newestSuite(DEBIAN), 'unstable');
});
