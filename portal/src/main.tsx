import { render } from 'preact';

import { App } from './app';
import { preferred, speak } from './messages';
import { applyTheme } from './state/theme';
import './style/main.css';

applyTheme();
void speak(preferred(), false).then(() => render(<App />, document.getElementById('page')!));
