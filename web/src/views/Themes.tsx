export default function Themes(_: { rest: string }) {
  return null;
}
