/** The entry of the processes that touch PIs' files. */
import { Compile } from 'typebox/compile';
import { quietSharp } from '../images/sharp-settings.ts';
import { serveTasks } from '../pool/serve-tasks.ts';
import { examine, ExamineTask } from './examine.ts';

const tasks = Compile(ExamineTask);

quietSharp();
serveTasks(task => tasks.Parse(task), examine);
