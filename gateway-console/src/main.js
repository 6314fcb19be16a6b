import './app.js';
import { showTheme } from './preferences.js';

showTheme();
