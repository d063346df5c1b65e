/** A process's internal port, as Prometheus and a kubelet see it. */
export interface Probe {
  readonly status: number;
  readonly text: string;
}

export async function probe(port: number, path: string): Promise<Probe> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

/** @returns the samples of `/metrics`: name with labels in their order, as Prometheus writes them → value */
export async function samples(port: number): Promise<Map<string, number>> {
  const { status, text } = await probe(port, '/metrics');
  if (status !== 200) {
    throw new Error(`/metrics answered ${status}: ${text}`);
  }
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map(line => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    })
  );
}
