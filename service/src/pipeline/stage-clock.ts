/** CPU seconds by stage, which the benchmark prints. Adding them up costs nothing worth a switch. */
export class StageClock {
  readonly seconds: Record<string, number> = {};

  add(stage: string, seconds: number): void {
    this.seconds[stage] = (this.seconds[stage] ?? 0) + seconds;
  }

  /** Measures this process's CPU while `work` runs; what runs beside it is counted too. */
  async measure<T>(stage: string, work: () => Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    try {
      return await work();
    } finally {
      const used = process.cpuUsage(before);
      this.add(stage, (used.user + used.system) / 1e6);
    }
  }
}
