export default function Scores(_: { rest: string }) {
  return null;
}
